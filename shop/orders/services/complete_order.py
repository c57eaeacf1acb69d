"""Completing an order: what was promised has arrived or come back, and what was kept is paid."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from mdv.kernel.money import ZERO, round_money
from shop.orders.events import emit_completed
from shop.orders.models import Order, OrderLine
from shop.orders.states import ORDER, OrderStatus


def fulfil_order(order: Order, *, at: datetime) -> None:
    """Say that nothing of a locked order is open or on its way any more; complete it if paid."""
    order.fulfilled_at = at
    order.version += 1
    order.save(update_fields=["fulfilled_at", "version"])
    complete_if_paid(order)


def complete_if_paid(order: Order) -> None:
    """Complete a locked order of which nothing is on its way once what the customer kept is paid.

    Who pays on delivery often pays the carrier, so the money is booked after the parcel arrived:
    the order waits for it. Of what came back nothing is owed.
    """
    if order.status != OrderStatus.CONFIRMED or order.fulfilled_at is None:
        return
    if order.due and order.net_captured < owed_for(order, order.lines.all()):
        return
    ORDER.check(OrderStatus(order.status), OrderStatus.COMPLETED)
    order.status = OrderStatus.COMPLETED
    order.version += 1
    order.save(update_fields=["status", "version"])
    emit_completed(order)


def owed_for(order: Order, lines: Iterable[OrderLine]) -> Decimal:
    """Return what had to come for what the customer kept, be it free, with the shipping of it.

    What the shop gave back for the other units had to come too: it pays for nothing that was kept.
    """
    owed, is_kept = ZERO, False
    for line in lines:
        units = line.quantity - line.qty_cancelled - line.qty_returned
        cost = round_money(line.total * units / line.quantity)
        owed += cost + min(line.refunded, line.total - cost)
        is_kept = is_kept or units > 0
    return owed + order.shipping_total if is_kept else ZERO
