"""What an order was at an instant, beside what it is today, ready to be shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.utils.safestring import SafeString

from audit.replay import RowThen, Unknown
from audit.words import AnyField
from mdv.admin.show import show_choice, show_moment, show_table
from mdv.backoffice.moments import beside
from mdv.kernel.money import MoneyField
from mdv.ops.time_machine.counters import Counter
from mdv.ops.time_machine.orders import OrderThen
from refunds.models import CreditNote, Refund, RefundLine, Return, ReturnLine, WriteOff
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.orders.models import Invoice, MissingAcceptance, Order, OrderLine, OrderNote
from shop.payments.models import Payment

UNSAID = frozenset({"id", "access_salt", "version", "currency"})
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    OrderLine: (
        *("sku", "title", "quantity", "qty_cancelled", "qty_shipped", "qty_delivered"),
        *("qty_returned", "refunded", "total"),
    ),
    Payment: ("reference", "provider", "channel", "state", "amount", "captured", "refunded"),
    Refund: ("number", "state", "method", "reason", "amount"),
    Return: ("number", "state", "reason"),
    Shipment: ("number", "state", "carrier", "tracking"),
    Invoice: ("number", "issued_at"),
    CreditNote: ("number", "issued_at"),
    OrderNote: ("text", "created_at"),
    MissingAcceptance: ("amount", "reason", "accepted_at"),
    WriteOff: ("amount", "reason", "written_at"),
}
# What is in a refund, a return or a parcel: where it points to, and which units it tells.
INSIDE: dict[type[models.Model], tuple[type[models.Model], str, tuple[str, ...]]] = {
    Refund: (RefundLine, "refund_id", ("quantity",)),
    Return: (ReturnLine, "of_return_id", ("requested", "approved", "received", "restocked")),
    Shipment: (ShipmentLine, "shipment_id", ("quantity",)),
}


def own_facts(then: RowThen, today: RowThen) -> Iterator[tuple[str, SafeString | str]]:
    """Yield name and value of what the order itself says, without links to other tables."""
    for column in Order._meta.concrete_fields:
        name = str(column.column)
        if name in UNSAID or column.is_relation:
            continue
        was, now = (_shown(Order, name, row[name]) for row in (then, today))
        if was or now:
            yield _heading(Order, name), beside(was, now)


def parts_beside(then: OrderThen, today: OrderThen) -> Iterator[tuple[str, SafeString, int]]:
    """Yield title, table, and how many have come since, of each kind of which there is any."""
    for model in COLUMNS:
        rows, now = then.parts(model), {row.key: row for row in today.parts(model)}
        since = len(now.keys() - {row.key for row in rows})
        if rows or since:
            title = str(model._meta.verbose_name_plural).capitalize()
            yield title, _table(model, rows, now, then, today), since


def _table(
    model: type[models.Model],
    rows: Sequence[RowThen],
    now: dict[str, RowThen],
    then: OrderThen,
    today: OrderThen,
) -> SafeString:
    columns = COLUMNS[model]
    headings = [_heading(model, name) for name in columns]
    cells = [
        [
            beside(*(_shown(model, name, one[name]) for one in (row, now.get(row.key, row))))
            for name in columns
        ]
        for row in rows
    ]
    if model in INSIDE:
        headings.append("Units")
        for row, line in zip(rows, cells, strict=True):
            line.append(beside(_inside(row, then), _inside(row, today)))
    numbers = {_heading(model, name) for name in columns if _is_number(model, name)}
    return show_table(headings, cells, numbers=numbers, is_stacked=True, empty="None then.")


def _inside(parent: RowThen, all_of_it: OrderThen) -> str:
    """Say which units are in it, such as ``2 × SHIRT``."""
    model, path_to_it, counts = INSIDE[parent.model]
    skus = {line.key: line.label for line in all_of_it.parts(OrderLine)}
    return ", ".join(
        f"{_units(row, counts)} × {skus.get(str(row['order_line_id']), '?')}"
        for row in all_of_it.parts(model)
        if str(row[path_to_it]) == parent.key
    )


def _units(row: RowThen, counts: Sequence[str]) -> str:
    if len(counts) == 1:
        return str(row[counts[0]])
    return " ".join(f"{row[name]} {name}," for name in counts).rstrip(",")


def show_counters(counters: Sequence[Counter]) -> SafeString | None:
    """Return those counters as a table, if there are any."""
    if not counters:
        return None
    return show_table(
        ("What", "Shown", "By its ledger"),
        [
            (f"{one.thing}, {one.name.replace('_', ' ')}", str(one.shown), str(one.ledger))
            for one in counters
        ],
        is_stacked=True,
    )


def _column(model: type[models.Model], name: str) -> AnyField:
    return cast("AnyField", model._meta.get_field(name))


def _heading(model: type[models.Model], name: str) -> str:
    said = str(_column(model, name).verbose_name).replace("qty ", "")
    return "SKU" if name == "sku" else said[:1].upper() + said[1:]


def _is_number(model: type[models.Model], name: str) -> bool:
    return isinstance(_column(model, name), MoneyField | models.IntegerField)


def _shown(model: type[models.Model], name: str, value: Any) -> str:
    """Return a value as people read it; what is not known says why."""
    match value:
        case None:
            said = ""
        case Unknown():
            said = f"unknown ({value})"
        case datetime():
            said = show_moment(value)
        case bool():
            said = "yes" if value else "no"
        case Decimal():
            said = f"{value:,.2f}"
        case dict():
            said = ", ".join(str(part) for part in value.values() if part)
        case _:
            is_word = bool(_column(model, name).choices) or name == "payment_status"
            said = show_choice(value) if is_word else str(value)
    return said
