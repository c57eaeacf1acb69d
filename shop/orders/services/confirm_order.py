"""Confirming an order: the money is there, or staff agree to take it on delivery."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from mdv.kernel.errors import Conflict, NotFound
from shop.orders.events import emit_captured, emit_confirmed
from shop.orders.letters import tell_confirmed, tell_paid
from shop.orders.models import Order
from shop.orders.services.complete_order import complete_if_paid
from shop.orders.services.issue_invoice import issue_invoice
from shop.orders.states import ORDER, OrderStatus


class NotPaidOnDelivery(Conflict):
    code = "not_paid_on_delivery"
    detail = "This order is to be paid first."


@transaction.atomic
def confirm_pay_on_delivery(*, number: str, at: datetime) -> Order:
    """Confirm an order whose money comes with the goods. Confirmed already: nothing happens.

    Raises:
        NotPaidOnDelivery: 409, it is to be paid first.
        InvalidTransition: 409, it is cancelled or completed.
    """
    order = lock_order(number)
    if order.status == OrderStatus.CONFIRMED:
        return order
    if order.status != OrderStatus.PENDING:
        raise ORDER.refusal(OrderStatus(order.status), OrderStatus.CONFIRMED)
    if not order.pay_on_delivery:
        raise NotPaidOnDelivery
    _confirm(order, at)
    tell_confirmed(order)
    issue_invoice(order=order, at=at)  # the last step: numbers are locked last
    return _reread(order)


def add_captured(order: Order, *, amount: Decimal, at: datetime) -> Order:
    """Add money that arrived to an order that the caller locked; confirm it once it is paid.

    The payment itself is written by ``shop.payments`` in the same transaction: at COMMIT the
    database compares the two.
    """
    was_due = order.due
    order.captured_total += amount
    is_paid = bool(was_due) and not order.due and order.status != OrderStatus.CANCELLED
    is_confirmed = order.status == OrderStatus.PENDING and not order.due
    emit_captured(order, amount)
    if is_confirmed:
        _confirm(order, at)
    else:
        order.version += 1
        order.save(update_fields=["captured_total", "version"])
        complete_if_paid(order)
    if is_paid:
        tell_paid(order)
    order = _reread(order)
    if is_confirmed:
        issue_invoice(order=order, at=at)  # the last step: numbers are locked last
    return order


def lock_order(number: str) -> Order:
    """Lock an order for the rest of the transaction.

    Raises:
        NotFound: there is none.
    """
    order = Order.objects.select_for_update().filter(number=number).first()
    if order is None:
        raise NotFound
    return order


def _confirm(order: Order, at: datetime) -> None:
    ORDER.check(OrderStatus(order.status), OrderStatus.CONFIRMED)
    order.status = OrderStatus.CONFIRMED
    order.confirmed_at = at
    order.expires_at = None
    order.version += 1
    order.save(update_fields=["status", "confirmed_at", "expires_at", "version", "captured_total"])
    emit_confirmed(order)


def _reread(order: Order) -> Order:
    """Read the order again: its payment status is computed by the database."""
    return Order.objects.get(pk=order.pk)
