"""Looking at what would come of cancelling an order, before anybody does; no writes."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from mdv.accounts.models import User
from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Forbidden
from mdv.kernel.money import ZERO, allocate
from refunds.services.cancellation_plan import (
    CancellationPlan,
    FreedUnits,
    MoneyHere,
    UnpackedParcel,
)
from refunds.services.compose_plan import CANCEL_CONFIRMED, MAIL, compose_plan
from refunds.services.plan_refund import find_order
from refunds.services.refund_limits import REQUEST, ceilings_of, day_of, used_on
from refunds.services.refund_plan import RefundPlan, RefundWish, WantedLine
from refunds.services.refundable import Refundable, read_refundable
from refunds.states import RefundReason, RefundSource, Restock
from shop.fulfilment.models import Shipment
from shop.fulfilment.states import IN_THE_HOUSE
from shop.orders.models import Order
from shop.orders.services import AlreadyConfirmed, check_cancelling
from shop.orders.states import CancelReason, OrderStatus
from shop.payments.models import Payment

CANCEL = "orders.cancel_order"
CANCELLED_MAIL = "order_cancelled"


class RefundingNotAllowed(Forbidden):
    code = "refunding_not_allowed"
    detail = "You may cancel this order, not refund it. Cancel it without, and ask who may refund."


def plan_cancellation(
    *, number: str, reason: CancelReason, refund: bool | None, user_id: int, at: datetime
) -> CancellationPlan:
    """Say what would come of it if `user_id` cancelled an order now. Nothing is written or locked.

    `refund` is the answer to whether money that is here goes back, or nothing. Of an order that is
    cancelled already the plan is about what stayed of its money.

    Raises:
        NotFound: there is no such order.
        InvalidTransition, AlreadyShipped, AlreadyConfirmed: 409.
        Forbidden, RefundingNotAllowed, NoRefundPolicy: 403.
    """
    order = find_order(number)
    person = person_who_may(user_id, CANCEL)
    plan, _ = compose_cancellation(
        order,
        order.payments.all(),
        Shipment.objects.filter(order=order, state__in=IN_THE_HOUSE).order_by("id"),
        reason=reason,
        refund=refund,
        person=person,
        used=used_on(day_of(at), user_id),
    )
    return plan


def compose_cancellation(
    order: Order,
    payments: Iterable[Payment],
    parcels: Iterable[Shipment],
    *,
    reason: CancelReason,
    refund: bool | None,
    person: User,
    used: Decimal,
) -> tuple[CancellationPlan, Refundable]:
    """Make the plan of rows that the caller read, or locked; return what it was made of too.

    `parcels` are those that have not left; `used` is what the person has given back today.

    Raises:
        InvalidTransition, AlreadyShipped, AlreadyConfirmed: 409.
        RefundingNotAllowed, NoRefundPolicy: 403.
    """
    _check(order, person)
    refundable = read_refundable(order, payments)
    left, promised = refundable.left, refundable.committed - order.refunded_total
    units = _freed(refundable)
    answer = refund if left else None
    refund_plan = _plan_refund(refundable, person, used) if answer else None
    plan = CancellationPlan(
        order=order.number,
        currency=order.currency,
        status=order.status,
        reason=reason,
        units=units,
        parcels=[
            UnpackedParcel(number=parcel.number, state=parcel.state, version=parcel.version)
            for parcel in parcels
        ],
        coupon=_coupon(order),
        money=MoneyHere(
            captured=order.captured_total,
            refunded=order.refunded_total,
            promised=promised,
            left=left,
            stays=left - refund_plan.amount if refund_plan else left,
        ),
        refund=answer,
        refund_plan=refund_plan,
        mails=_mails(order, refund_plan),
        order_version=order.version,
    )
    return plan, refundable


def _check(order: Order, person: User) -> None:
    if order.status == OrderStatus.CANCELLED:
        return
    check_cancelling(order)
    if order.status != OrderStatus.PENDING and not person.has_perm(CANCEL_CONFIRMED):
        raise AlreadyConfirmed


def _freed(refundable: Refundable) -> list[FreedUnits]:
    return [
        FreedUnits(sku=one.line.sku, title=one.line.title, quantity=one.line.open_quantity)
        for one in refundable.lines
        if one.line.open_quantity
    ]


def _coupon(order: Order) -> str:
    """Return the code of the coupon that may be used again."""
    if order.coupon is None or order.status == OrderStatus.CANCELLED:
        return ""
    return str(order.coupon.code)


def _mails(order: Order, refund_plan: RefundPlan | None) -> list[str]:
    mails = [] if order.status == OrderStatus.CANCELLED else [CANCELLED_MAIL]
    return [*mails, MAIL] if refund_plan else mails


def _plan_refund(refundable: Refundable, person: User, used: Decimal) -> RefundPlan:
    if not person.has_perm(REQUEST):
        raise RefundingNotAllowed
    for one in refundable.lines:
        one.packed = 0  # what is packed is unpacked with it
    return compose_plan(
        refundable,
        _all_that_is_left(refundable),
        person=person,
        ceilings=ceilings_of(person),
        used=used,
    )


def _all_that_is_left(refundable: Refundable) -> RefundWish:
    """Wish for all the money, for the units and the shipping first.

    Where it is less than they cost, because not all of it came or some has gone for other reasons,
    each gets its share; the rest of what the units cost counts as kept.
    """
    units = [one.refundable(Restock.CANCEL) for one in refundable.lines]
    costs = [one.cost_of(count) for one, count in zip(refundable.lines, units, strict=True)]
    wanted = sum(costs, refundable.shipping_left)
    given = min(refundable.left, wanted)
    *amounts, shipping = (
        allocate(given, [*costs, refundable.shipping_left])
        if wanted
        else ([ZERO] * (len(costs) + 1))
    )
    return RefundWish(
        lines=[
            WantedLine(
                sku=one.line.sku, quantity=count, restock=Restock.CANCEL, withheld=cost - amount
            )
            for one, count, cost, amount in zip(
                refundable.lines, units, costs, amounts, strict=True
            )
            if count or amount
        ],
        shipping=shipping,
        goodwill=refundable.left - given,
        reason=RefundReason.CANCELLED,
        source=RefundSource.CANCEL,
    )
