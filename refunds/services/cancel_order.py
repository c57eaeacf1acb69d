"""Cancelling an order for the shop: whether its money goes back is asked, never taken as said."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from mdv.accounts.models import User
from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import FieldProblem, Forbidden, Invalid
from mdv.kernel.money import ZERO
from refunds.models import Refund
from refunds.services.cancellation_plan import CancellationPlan
from refunds.services.compose_plan import CANCEL_CONFIRMED
from refunds.services.lock_refund import lock_payments
from refunds.services.plan_cancellation import CANCEL, compose_cancellation, plan_cancellation
from refunds.services.refund_limits import day_of, lock_allowances
from refunds.services.request_refund import PlanHasChanged, promise_plan
from shop.fulfilment.services import cancel_packed_order, lock_parcels_in_the_house, unpack
from shop.orders.models import Order
from shop.orders.services import OrderHasPayments, cancel_unshipped_order, lock_order
from shop.orders.states import CancelReason, OrderStatus


class RefundNotAnswered(OrderHasPayments):
    """Money is here. It has the plans of both answers; with a refund none where one may not."""

    detail = (
        "Money is here for this order. Say whether it goes back, and send the hash of the plan "
        "that you agree to."
    )

    def __init__(
        self, *, with_refund: CancellationPlan | None, without_refund: CancellationPlan
    ) -> None:
        self.with_refund, self.without_refund = with_refund, without_refund
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class CancelledOrder:
    """An order that is cancelled, and what was asked for of its money with that."""

    order: Order
    refunds: list[Refund]


@transaction.atomic
def cancel_order(
    *,
    number: str,
    reason: CancelReason,
    user_id: int,
    at: datetime,
    refund: bool | None = None,
    plan_hash: str = "",
) -> CancelledOrder:
    """Cancel an order for the shop: at once where no money is here, else as a plan said.

    With a `refund` above the person's limits the order is cancelled and its money waits for
    somebody else: who says no leaves it owed to the customer. No money moves here: whoever called
    has :func:`execute_plan` ask the provider after the commit, and a job does where that did not
    happen. An order that is cancelled already stays so; with a plan what stayed of its money goes.

    Raises:
        NotFound: there is no such order.
        Invalid: a refund without a plan of an order of which no money is here.
        InvalidTransition, AlreadyShipped, AlreadyConfirmed: 409.
        RefundNotAnswered: 409, money is here; with the plans of both answers.
        PlanHasChanged: 409, with the present plan; nothing has moved.
        MoneyTakenBack: 409, money of these payments has gone another way.
        Forbidden, RefundingNotAllowed, NoRefundPolicy: 403.
    """
    order = lock_order(number)
    payments = lock_payments(order)
    person = person_who_may(user_id, CANCEL)
    if not plan_hash:
        return _cancel_at_once(order, person, reason, refund, at)
    parcels = lock_parcels_in_the_house(order)
    allowance = lock_allowances([(user_id, day_of(at))])[user_id] if refund else None
    plan, refundable = compose_cancellation(
        order,
        payments,
        parcels,
        reason=reason,
        refund=refund,
        person=person,
        used=allowance.used if allowance else ZERO,
    )
    if plan.plan_hash != plan_hash:
        raise PlanHasChanged(plan)
    if not plan.is_answered:
        raise _not_answered(order, person, reason, at)
    unpack(parcels, at=at)
    refunds: list[Refund] = []
    on_its_way = ZERO
    if plan.refund_plan and allowance:
        refunds = promise_plan(refundable, plan.refund_plan, allowance, by=person, at=at)
        on_its_way = plan.refund_plan.agreed_amount
    if order.status != OrderStatus.CANCELLED:
        order = cancel_unshipped_order(order, reason=reason, at=at, on_its_way=on_its_way)
    return CancelledOrder(order=order, refunds=refunds)


def _cancel_at_once(
    order: Order, person: User, reason: CancelReason, refund: bool | None, at: datetime
) -> CancelledOrder:
    """Cancel what no money is here for; cancelled already and no more wanted: no-op."""
    is_done = order.status == OrderStatus.CANCELLED and not refund
    if order.captured_total > order.refunded_total and not is_done:
        raise _not_answered(order, person, reason, at)
    if refund:
        message = "No money is here that could go back."
        raise Invalid(problems=[FieldProblem("refund", "nothing_to_refund", message)])
    cancelled = cancel_packed_order(
        number=order.number,
        reason=reason,
        at=at,
        only_pending=not person.has_perm(CANCEL_CONFIRMED),
    )
    return CancelledOrder(order=cancelled, refunds=[])


def _not_answered(
    order: Order, person: User, reason: CancelReason, at: datetime
) -> RefundNotAnswered:
    """Return the refusal with the plans of both answers."""
    look = partial(plan_cancellation, number=order.number, reason=reason, user_id=person.pk, at=at)
    without_refund = look(refund=False)
    try:
        with_refund = look(refund=True) if without_refund.asks_for_refund else None
    except Forbidden:
        with_refund = None
    return RefundNotAnswered(with_refund=with_refund, without_refund=without_refund)
