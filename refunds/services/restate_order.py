"""Restating what an order, its payments and its lines count, from the facts that they count.

The facts are payments that were captured, refunds, parcels and receipts: they stay as they are.
What the facts themselves do not allow, the database refuses.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from mdv.kernel.money import ZERO
from mdv.kernel.restating import Counter, Restatement, differing, write_facts
from refunds.models import Refund, RefundLine, Return, ReturnLine, ReturnReceipt
from refunds.services.lock_refund import lock_payments
from refunds.states import COMMITTED, FROM_OUTSIDE, RefundState
from shop.fulfilment.models import ShipmentLine
from shop.fulfilment.states import SHIPPED, ShipmentState
from shop.orders.models import Order, OrderLine
from shop.orders.services import lock_order
from shop.payments.models import Payment


def plan_money(*, number: str) -> list[Restatement]:
    """Return what :func:`restate_money` would change."""
    order = Order.objects.get(number=number)
    payments = list(order.payments.order_by("id"))
    return [counter.restated for counter in differing(_money(order, payments))]


@transaction.atomic
def restate_money(*, number: str) -> list[Restatement]:
    """Let an order show its payments and refunds, and its payments their refunds.

    Raises:
        NotFound: there is no such order.
    """
    order = lock_order(number)
    restated = write_facts(_money(order, lock_payments(order)))
    _raise_version(order)
    return restated


def plan_lines(*, number: str) -> list[Restatement]:
    """Return what :func:`restate_lines` would change."""
    return [counter.restated for counter in differing(_lines(Order.objects.get(number=number)))]


@transaction.atomic
def restate_lines(*, number: str) -> list[Restatement]:
    """Let an order's lines show what was refunded, what left and what came back of them.

    The lines of its returns come to show their receipts.

    Raises:
        NotFound: there is no such order.
    """
    order = lock_order(number)
    lock_payments(order)
    list(Return.objects.select_for_update().filter(order=order).order_by("id"))
    restated = write_facts(_lines(order))
    _raise_version(order)
    return restated


def _money(order: Order, payments: Sequence[Payment]) -> list[Counter]:
    counters = []
    for payment in payments:
        given = Refund.objects.filter(payment=payment)
        committed = _amount(given.filter(state__in=COMMITTED))
        refunded = _amount(given.filter(state=RefundState.SUCCEEDED))
        name = f"Payment {payment.reference}"
        counters += [
            _counter(payment, "refund_committed", f"{name}: promised back", committed),
            _counter(payment, "refunded", f"{name}: refunded", refunded),
        ]
    captured = sum((payment.captured for payment in payments), ZERO)
    gone = Refund.objects.filter(order=order, state=RefundState.SUCCEEDED)
    taken_back = _amount(gone.filter(source__in=FROM_OUTSIDE))
    return [
        *counters,
        _counter(order, "captured_total", f"{order.number}: captured", captured),
        _counter(order, "refunded_total", f"{order.number}: refunded", _amount(gone)),
        _counter(order, "taken_back_total", f"{order.number}: taken back", taken_back),
    ]


def _lines(order: Order) -> list[Counter]:
    counters = []
    came_back: defaultdict[int, int] = defaultdict(int)
    for back in ReturnLine.objects.filter(of_return__order=order).select_related(
        "of_return", "order_line"
    ):
        receipts = ReturnReceipt.objects.filter(line=back)
        received = _units(receipts)
        came_back[back.order_line_id] += received
        name = f"{back.of_return.number}: {back.order_line.sku}"
        counters += [
            _counter(back, "received", f"{name}, received", received),
            _counter(
                back, "restocked", f"{name}, restocked", _units(receipts.filter(is_restocked=True))
            ),
        ]
    for line in order.lines.order_by("position", "id"):
        counters += _line(line, came_back[line.pk])
    return counters


def _line(line: OrderLine, came_back: int) -> Iterable[Counter]:
    parcels = ShipmentLine.objects.filter(order_line=line)
    sent_back = _units(parcels.filter(shipment__state=ShipmentState.RETURNED_TO_SENDER))
    delivered = _units(parcels.filter(shipment__state=ShipmentState.DELIVERED))
    refunded = _amount(RefundLine.objects.filter(order_line=line, refund__state__in=COMMITTED))
    shipped = _units(parcels.filter(shipment__state__in=SHIPPED))
    yield _counter(line, "refunded", f"{line.sku}: refunded", refunded)
    yield _counter(line, "qty_shipped", f"{line.sku}: shipped", shipped)
    yield _counter(line, "qty_delivered", f"{line.sku}: delivered", delivered)
    yield _counter(line, "qty_returned", f"{line.sku}: returned", sent_back + came_back)


def _counter(
    row: Order | Payment | OrderLine | ReturnLine, column: str, what: str, facts: Decimal | int
) -> Counter:
    return Counter(row=row, column=column, what=what, facts=facts)


def _amount(rows: QuerySet[Any]) -> Decimal:
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def _units(rows: QuerySet[Any]) -> int:
    total: int | None = rows.aggregate(total=Sum("quantity"))["total"]
    return total or 0


def _raise_version(order: Order) -> None:
    order.version += 1
    order.save(update_fields=["version"])
