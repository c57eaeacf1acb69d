"""The past in plain text and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from audit.replay import RowThen, Unknown
from mdv.ops.time_machine.counters import Counter
from mdv.ops.time_machine.orders import PARTS, OrderThen
from mdv.ops.time_machine.stock import StockThen

UNSAID = frozenset({"id", "order_id", "version"})  # that only the machine needs


def written(moment: datetime | None) -> str:
    """Return an instant as this says it, to the microsecond and in UTC; None: now."""
    return "now" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def order_lines(then: OrderThen, *, moment: datetime | None) -> Iterator[str]:
    """Yield an order as it was, line by line."""
    order = then.order
    yield f"Order {order.label or order.key}, {written(moment)}: {order.standing}"
    if order.is_there:
        yield from _columns(order, "  ")
        yield from part_lines(then)
        yield from counter_lines(then.counters())


def payment_lines(then: OrderThen, *, key: str, moment: datetime | None) -> Iterator[str]:
    """Yield a payment as it was, with its refunds, line by line."""
    own = then.of_payment(key)
    yield f"Payment {key} of order {then.order.label}, {written(moment)}"
    if not own.rows:
        yield "  not there yet"
    yield from part_lines(own)
    yield from counter_lines(_of_payment(then, own))


def stock_lines(then: StockThen, *, moment: datetime | None) -> Iterator[str]:
    """Yield a stock item as it was, line by line."""
    yield f"Stock of {then.sku}, {written(moment)}"
    for name, value in _stock_facts(then).items():
        yield f"  {name.replace('_', ' ')}: {_shown(value)}"
    for holder, units in then.held:
        yield f"  held by {holder or 'nobody named'}: {units}"
    if then.held_by_others:
        yield f"  held by others: {then.held_by_others}"
    yield from counter_lines(then.counters)


def part_lines(then: OrderThen) -> Iterator[str]:
    """Yield what belongs to an order, kind by kind."""
    for model in PARTS:
        for row in then.parts(model):
            yield f"{str(model._meta.verbose_name).capitalize()} {row.label}"
            yield from _columns(row, "  ")


def counter_lines(counters: list[Counter]) -> Iterator[str]:
    """Yield each counter beside its ledger."""
    if counters:
        yield "Counters beside their ledgers"
    for one in counters:
        name = one.name.replace("_", " ")
        yield f"  {one.thing}, {name}: {one.shown}, ledger {one.ledger}: {one.verdict}"


def order_facts(then: OrderThen, *, moment: datetime | None) -> dict[str, Any]:
    """Return an order as it was, for JSON."""
    return {
        "at": moment,
        "standing": then.order.standing,
        "order": _facts(then.order),
        **_part_facts(then),
        "counters": _counter_facts(then.counters()),
    }


def payment_facts(then: OrderThen, *, key: str) -> dict[str, Any]:
    """Return a payment as it was, for JSON."""
    own = then.of_payment(key)
    return {
        "order": then.order.label,
        **_part_facts(own),
        "counters": _counter_facts(_of_payment(then, own)),
    }


def stock_facts(then: StockThen, *, moment: datetime | None) -> dict[str, Any]:
    """Return a stock item as it was, for JSON."""
    return {
        "at": moment,
        "sku": then.sku,
        **_stock_facts(then),
        "held": dict(then.held),
        "counters": _counter_facts(then.counters),
    }


def _of_payment(then: OrderThen, own: OrderThen) -> list[Counter]:
    things = {f"{row.model._meta.verbose_name} {row.label}" for row in own.rows}
    return [one for one in then.counters() if one.thing in things]


def _part_facts(then: OrderThen) -> dict[str, Any]:
    return {
        str(model._meta.verbose_name_plural).replace(" ", "_"): [
            _facts(row) for row in then.parts(model)
        ]
        for model in PARTS
    }


def _facts(row: RowThen) -> dict[str, Any]:
    return {
        name: {"unknown": value} if isinstance(value, Unknown) else value
        for name, value in row.columns.items()
    }


def _counter_facts(counters: list[Counter]) -> list[dict[str, Any]]:
    return [
        {
            "thing": one.thing,
            "counter": one.name,
            "shown": one.shown,
            "ledger": one.ledger,
            "verdict": one.verdict,
        }
        for one in counters
    ]


def _stock_facts(then: StockThen) -> dict[str, Any]:
    level = then.level
    return {
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
        "last_movement": level.last_seq,
        "last_movement_at": level.since,
    }


def _columns(row: RowThen, indent: str) -> Iterator[str]:
    for column in row.model._meta.concrete_fields:
        value = row[str(column.column)]
        if column.column not in UNSAID and value not in (None, "", [], {}):
            yield f"{indent}{column.verbose_name}: {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Unknown):
        return f"unknown, {value}"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "none" if value is None else str(value)
