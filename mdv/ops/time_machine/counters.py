"""Counters of the past beside what their ledgers said at the same instant."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from audit.replay import RowThen, Unknown
from mdv.kernel.money import ZERO
from refunds.states import COMMITTED, FROM_OUTSIDE, RefundState
from shop.fulfilment.states import SHIPPED, ShipmentState

Value = Decimal | int | Unknown
Rows = Sequence[RowThen]


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One counter: what the row showed, and what its ledger makes; `thing` says whose it is."""

    thing: str
    name: str
    shown: Value
    ledger: Value

    @property
    def is_known(self) -> bool:
        return not (isinstance(self.shown, Unknown) or isinstance(self.ledger, Unknown))

    @property
    def agrees(self) -> bool:
        """Whether both are known and the same."""
        return self.is_known and self.shown == self.ledger

    @property
    def verdict(self) -> str:
        if not self.is_known:
            return "unknown"
        return "agrees" if self.agrees else "differs"


def counters_of_order(order: RowThen, lines: Rows, payments: Rows, refunds: Rows) -> list[Counter]:
    """Return the order's totals beside its lines, its payments and its refunds."""
    gone = [one for one in refunds if one["state"] == RefundState.SUCCEEDED]
    taken = [one for one in gone if one["source"] in FROM_OUTSIDE]
    ledgers: list[tuple[str, Value]] = [
        ("items_total", _sum(lines, _gross)),
        ("discount_total", total(lines, "discount")),
        ("tax_total", total(lines, "tax")),
        ("captured_total", total(payments, "captured")),
        ("refunded_total", total(gone, "amount")),
        ("taken_back_total", total(taken, "amount")),
    ]
    return [_counter(f"order {order.label}", order, *one) for one in ledgers]


def counters_of_payment(payment: RowThen, refunds: Rows) -> list[Counter]:
    """Return what a payment promised and gave back beside its refunds."""
    own = [one for one in refunds if str(one["payment_id"]) == payment.key]
    promised = [one for one in own if one["state"] in COMMITTED]
    gone = [one for one in own if one["state"] == RefundState.SUCCEEDED]
    thing = f"payment {payment.label}"
    return [
        _counter(thing, payment, "refund_committed", total(promised, "amount")),
        _counter(thing, payment, "refunded", total(gone, "amount")),
    ]


def counters_of_line(
    line: RowThen,
    *,
    parcels: Rows,
    in_parcels: Rows,
    in_returns: Rows,
    refunds: Rows,
    in_refunds: Rows,
) -> list[Counter]:
    """Return what an order line showed beside parcels, returns and refunds."""

    def own(rows: Rows, of: str, parents: Rows, states: Iterable[str]) -> list[RowThen]:
        keys = {one.key for one in parents if one["state"] in set(states)}
        return [
            one for one in rows if str(one["order_line_id"]) == line.key and str(one[of]) in keys
        ]

    def packed(states: Iterable[str]) -> Value:
        return total(own(in_parcels, "shipment_id", parcels, states), "quantity", start=0)

    came = [one for one in in_returns if str(one["order_line_id"]) == line.key]
    given = own(in_refunds, "refund_id", refunds, COMMITTED)
    back = [packed({ShipmentState.RETURNED_TO_SENDER}), total(came, "received", start=0)]
    thing = f"line {line.label}"
    return [
        _counter(thing, line, "qty_shipped", packed(SHIPPED)),
        _counter(thing, line, "qty_delivered", packed({ShipmentState.DELIVERED})),
        _counter(thing, line, "qty_returned", _add(back, start=0)),
        _counter(thing, line, "refunded", total(given, "amount")),
    ]


def counters_of_refund(refund: RowThen, in_refunds: Rows) -> list[Counter]:
    """Return a refund's amount beside its parts."""
    own = [one for one in in_refunds if str(one["refund_id"]) == refund.key]
    parts = [refund["shipping"], refund["goodwill"], total(own, "amount")]
    return [_counter(f"refund {refund.label}", refund, "amount", _add(parts))]


def total(rows: Rows, column: str, *, start: Decimal | int = ZERO) -> Value:
    """Return the sum of a column, unknown if a part of it is."""
    return _add([row[column] for row in rows], start=start)


def _sum(rows: Rows, of: Callable[[RowThen], Value]) -> Value:
    return _add([of(row) for row in rows])


def _add(parts: Iterable[Value], *, start: Decimal | int = ZERO) -> Value:
    result = start
    for part in parts:
        if isinstance(part, Unknown):
            return part
        result += part
    return result


def _gross(line: RowThen) -> Value:
    price, quantity = line["unit_price"], line["quantity"]
    if isinstance(price, Unknown) or isinstance(quantity, Unknown):
        return Unknown.UNWRITTEN
    gross: Decimal = price * quantity
    return gross


def _counter(thing: str, row: RowThen, name: str, ledger: Value) -> Counter:
    return Counter(thing=thing, name=name, shown=row[name], ledger=ledger)
