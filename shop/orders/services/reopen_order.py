"""Taking an order up again whose money came after it had expired."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.errors import Conflict
from shop.orders.events import emit_confirmed
from shop.orders.letters import tell_paid
from shop.orders.models import Order, OrderLine
from shop.orders.services.confirm_order import lock_order
from shop.orders.services.issue_invoice import issue_invoice
from shop.orders.states import ORDER, CancelReason, OrderStatus
from shop.pricing import services as pricing
from shop.stock.services import reserve_stock


class NotReopened(Conflict):
    code = "not_reopened"
    detail = (
        "Only an order that expired, and that is paid in full by money that does not go back, is "
        "taken up again."
    )


@transaction.atomic
def reopen_order(*, number: str, at: datetime) -> Order:
    """Confirm an expired order that is paid after all, and hold its stock and coupon again.

    Raises:
        NotReopened: 409, it did not expire, is not paid in full, or its money has gone back.
        OutOfStock: 409, its goods have been sold to others.
        CouponExhausted: 409, the coupon was used up since, by others or by this customer.
    """
    order = lock_order(number)
    has_gone_back = order.captured_total - order.refunded_total < order.total
    if order.cancel_reason != CancelReason.EXPIRED or has_gone_back:
        raise NotReopened
    ORDER.check(OrderStatus(order.status), OrderStatus.CONFIRMED)
    order.status = OrderStatus.CONFIRMED
    order.cancel_reason = ""
    order.cancelled_at = None
    order.confirmed_at = at
    order.version += 1
    order.save(update_fields=["status", "cancel_reason", "cancelled_at", "confirmed_at", "version"])
    OrderLine.objects.filter(order=order).update(qty_cancelled=0)
    if order.coupon_id is not None:
        coupon = pricing.lock_coupon(order.coupon_id)
        keys = pricing.customer_keys(user_id=order.user_id, email=order.email)
        pricing.check_uses(coupon, customer_keys=keys)
        pricing.redeem_coupon(coupon=coupon, customer_keys=keys, order_number=order.number)
    lines = order.lines.order_by("variant_id")
    reserve_stock(
        quantities={line.variant_id: line.quantity for line in lines}, source=order.number
    )
    emit_confirmed(order)
    tell_paid(order)
    issue_invoice(order=order, at=at)  # the last step: numbers are locked last
    return Order.objects.get(pk=order.pk)
