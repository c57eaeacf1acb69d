"""Cancelling what is unpaid, or all went back of. Whether money goes back, ``refunds`` asks."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from mdv.kernel.errors import Conflict, DomainError
from mdv.kernel.money import ZERO
from mdv.kernel.states import InvalidTransition
from shop.orders.events import emit_cancelled
from shop.orders.letters import tell_cancelled
from shop.orders.models import Order, OrderLine
from shop.orders.services.confirm_order import lock_order
from shop.orders.states import ORDER, CancelReason, OrderStatus
from shop.pricing.services import release_coupon
from shop.stock.services import release_stock

EXPIRED_AT_A_TIME = 100

log = structlog.get_logger("mdv.orders")


class OrderHasPayments(Conflict):
    code = "order_has_payments"
    detail = "Money has arrived for this order. Ask the shop to cancel it and to give it back."
    described = {
        "with_refund": {
            "type": ["object", "null"],
            "description": "For staff: the plan if the money goes back; null if it cannot.",
        },
        "without_refund": {
            "type": "object",
            "description": "For staff: the plan if the money stays for now.",
        },
    }


class AlreadyShipped(Conflict):
    code = "already_shipped"
    detail = "Some of it has left the house. Ask for a return instead."


class AlreadyConfirmed(Conflict):
    code = "already_confirmed"
    detail = "This order is confirmed: only the shop's managers can cancel it."


REFUSALS_OF_CANCELLING = (InvalidTransition, OrderHasPayments, AlreadyShipped, AlreadyConfirmed)


@transaction.atomic
def cancel_order(
    *, number: str, reason: CancelReason, at: datetime, only_pending: bool = False
) -> Order:
    """Cancel an unpaid order: give its stock and its coupon back. Cancelled already: no-op.

    One of which all the money has gone back, say to a bank that took it, is unpaid again. With
    `only_pending` a confirmed order is refused, as not everybody may cancel those.

    Raises:
        InvalidTransition, OrderHasPayments, AlreadyShipped, AlreadyConfirmed: 409.
    """
    order = lock_order(number)
    if order.status == OrderStatus.CANCELLED:
        return order
    # Before all else: whatever is paid, what has left the house can only come back.
    lines = _lines_in_the_house(order)
    ORDER.check(OrderStatus(order.status), OrderStatus.CANCELLED)
    if order.captured_total > order.refunded_total:
        raise OrderHasPayments
    if only_pending and order.status != OrderStatus.PENDING:
        raise AlreadyConfirmed
    return _cancel(order, lines, reason, at)


def expire_orders(*, at: datetime) -> int:
    """Cancel online orders whose time to pay has passed, and return how many they were.

    Each in a transaction of its own. One that somebody is working on is left for the next run,
    and one that cannot be cancelled does not keep the others.
    """
    overdue = Order.objects.overdue(at).order_by("expires_at", "id")
    numbers = list(overdue.values_list("number", flat=True)[:EXPIRED_AT_A_TIME])
    return sum(_expire(number, at) for number in numbers)


def _expire(number: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            rows = Order.objects.overdue(at).filter(number=number)
            order = rows.select_for_update(skip_locked=True).first()
            if order is None:
                return False
            _cancel(order, _lines_in_the_house(order), CancelReason.EXPIRED, at)
    except (DomainError, DatabaseError) as problem:
        log.warning("order_not_expired", number=number, problem=str(problem))
        return False
    return True


def _lines_in_the_house(order: Order) -> list[OrderLine]:
    """Return the order's lines, of which nothing has left.

    Raises:
        AlreadyShipped: 409, something has.
    """
    lines = list(order.lines.order_by("variant_id"))
    if any(line.qty_shipped for line in lines):
        raise AlreadyShipped
    return lines


def check_cancelling(order: Order) -> None:
    """Refuse to cancel an order of which something has left, or that is completed.

    Whether money is here is not asked: that is the caller's business.

    Raises:
        AlreadyShipped, InvalidTransition: 409.
    """
    _lines_in_the_house(order)
    ORDER.check(OrderStatus(order.status), OrderStatus.CANCELLED)


def cancel_unshipped_order(
    order: Order, *, reason: CancelReason, at: datetime, on_its_way: Decimal
) -> Order:
    """Cancel a locked order whose money the caller has decided on; return it as it is then.

    The customer is told of what is `on_its_way` back. It locks coupon and stock, so it comes last.

    Raises:
        AlreadyShipped, InvalidTransition: 409.
    """
    return _cancel(order, _lines_in_the_house(order), reason, at, on_its_way)


def cancel_open_order(
    order: Order, *, reason: CancelReason, at: datetime, on_its_way: Decimal = ZERO
) -> None:
    """Say that a locked order is cancelled whose units the caller cancels, and free its coupon.

    Whether money is here is not asked: that is the caller's business. The customer is told of what
    is `on_its_way` back.

    Raises:
        InvalidTransition: 409, it is completed.
    """
    ORDER.check(OrderStatus(order.status), OrderStatus.CANCELLED)
    if order.status == OrderStatus.CANCELLED:
        return
    order.status = OrderStatus.CANCELLED
    order.cancel_reason = reason
    order.cancelled_at = at
    order.expires_at = None
    order.version += 1
    order.save(update_fields=["status", "cancel_reason", "cancelled_at", "expires_at", "version"])
    if order.coupon_id is not None:
        release_coupon(coupon_id=order.coupon_id, order_number=order.number)
    emit_cancelled(order)
    tell_cancelled(order, on_its_way)


def _cancel(
    order: Order,
    lines: Sequence[OrderLine],
    reason: CancelReason,
    at: datetime,
    on_its_way: Decimal = ZERO,
) -> Order:
    cancel_open_order(order, reason=reason, at=at, on_its_way=on_its_way)
    OrderLine.objects.filter(order=order).update(qty_cancelled=F("quantity") - F("qty_shipped"))
    held = {line.variant_id: line.open_quantity for line in lines if line.open_quantity}
    release_stock(quantities=held, source=order.number, reason=reason)
    return Order.objects.get(pk=order.pk)
