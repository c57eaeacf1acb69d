"""Promising money back, giving the promise up, and giving the money back: every figure at once.

The callers hold the locks of the order, its payments and the refund; at COMMIT the database
compares the figures with the refunds.
"""

from collections.abc import Iterable
from decimal import Decimal

from refunds.models import Refund, RefundLine
from refunds.services.lock_refund import LockedRefund
from refunds.services.refundable import Refundable, RefundableLine, read_refundable
from refunds.states import FROM_OUTSIDE, Restock
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment


def promise_funds(
    order: Order, payment: Payment, refund: Refund, lines: Iterable[RefundLine]
) -> None:
    """Show on the payment and on the order's lines that money is promised back."""
    payment.refund_committed += refund.amount
    payment.save(update_fields=["refund_committed"])
    _add_to_lines(lines, 1)
    _raise_version(order)


def release_funds(locked: LockedRefund) -> None:
    """Take the promise back: the same money may be refunded otherwise."""
    locked.payment.refund_committed -= locked.refund.amount
    locked.payment.save(update_fields=["refund_committed"])
    _add_to_lines(locked.lines, -1)
    _raise_version(locked.order)


def promise_again(locked: LockedRefund) -> None:
    """Promise the money of a refund that had failed once more.

    Raises:
        ExceedsRefundable: 409, something else was refunded instead.
    """
    refund, lines = locked.refund, locked.lines
    of_return = refund.of_return
    refundable = read_refundable(locked.order, locked.payments, of_return=of_return)
    has_room = locked.payment.captured - locked.payment.refund_committed >= refund.amount
    has_shipping = refund.shipping <= refundable.shipping_left
    if not (has_room and has_shipping and _fit(refundable, lines)):
        raise refundable.refusal()
    promise_funds(locked.order, locked.payment, refund, lines)


def pay_out(locked: LockedRefund) -> None:
    """Show on the payment and the order that promised money has gone."""
    locked.payment.refunded += locked.refund.amount
    locked.payment.save(update_fields=["refunded"])
    locked.order.refunded_total += locked.refund.amount
    if locked.refund.source in FROM_OUTSIDE:
        locked.order.taken_back_total += locked.refund.amount
    locked.order.version += 1
    locked.order.save(update_fields=["refunded_total", "taken_back_total", "version"])


def _fit(refundable: Refundable, lines: Iterable[RefundLine]) -> bool:
    by_line = {one.line.pk: one for one in refundable.lines}
    for line in lines:
        one = by_line[line.order_line_id]
        if not _fits(one, line):
            return False
        one.count(line)  # one article may have a line for each reason
    return True


def _fits(one: RefundableLine, line: RefundLine) -> bool:
    return line.quantity <= _refundable_again(one, line) and (
        one.cost + line.amount + line.withheld <= one.line.total
        and one.tax + line.tax <= one.line.tax
    )


def _refundable_again(one: RefundableLine, line: RefundLine) -> int:
    units = {
        Restock.CANCEL: one.cancelled,
        Restock.RETURN: min(one.came_back, one.gone),
        Restock.NONE: one.gone,  # also of what has come back since: the money was for the same
    }[Restock(line.restock)]
    return min(one.units_left, units)


def _add_to_lines(lines: Iterable[RefundLine], sign: int) -> None:
    changed: dict[int, OrderLine] = {}
    sums: dict[int, Decimal] = {}
    for line in lines:
        changed[line.order_line_id] = line.order_line
        sums[line.order_line_id] = sums.get(line.order_line_id, Decimal(0)) + line.amount * sign
    for line_id, order_line in changed.items():
        order_line.refunded += sums[line_id]
    OrderLine.objects.bulk_update(changed.values(), ["refunded"])


def _raise_version(order: Order) -> None:
    order.version += 1
    order.save(update_fields=["version"])
