"""Orders that are cancelled for the shop, as somebody does who has just seen the plan."""

from mdv.kernel import clock
from refunds import services
from shop.orders.states import CancelReason


def look(number, *, refund, by, reason=CancelReason.OUT_OF_STOCK):
    """The plan of cancelling an order now."""
    return services.plan_cancellation(
        number=number, reason=reason, refund=refund, user_id=by, at=clock.now()
    )


def cancel(number, *, by, refund=None, plan_hash=None, reason=CancelReason.OUT_OF_STOCK):
    """Cancel an order with the plan of that answer; with an empty hash, without any."""
    if plan_hash is None:
        plan_hash = look(number, refund=refund, by=by, reason=reason).plan_hash
    return services.cancel_order(
        number=number,
        reason=reason,
        refund=refund,
        plan_hash=plan_hash,
        user_id=by,
        at=clock.now(),
    )
