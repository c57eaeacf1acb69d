"""Orders that are cancelled for the shop, as somebody does who has just seen the plan."""

from decimal import Decimal

from mdv.kernel import clock
from mdv.mail.models import Mail
from refunds import services
from refunds.services import Limits
from shop.orders.states import CancelReason
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import pay_online


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


def limit(role, amount):
    services.change_policy(
        role=role,
        limits=Limits(
            max_per_refund=Decimal(amount), max_per_day=Decimal(amount), may_goodwill=False
        ),
    )


def mails():
    return list(Mail.objects.order_by("id").values_list("kind", flat=True))


def last_mail():
    return Mail.objects.filter(kind="order_cancelled").latest("id").text


def partly_paid(amount="3000.00", **changes):
    """A pending order of five shirts of which a part is paid online."""
    number = placed(guest(), ("SHIRT", 5), total="8000.00", **changes)["number"]
    return number, pay_online(number, amount)
