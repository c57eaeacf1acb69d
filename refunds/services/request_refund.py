"""Asking for money to go back: the plan is made again under locks, and promised if it holds."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

from mdv.accounts.models import User
from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Conflict
from refunds.events import emit_refund_approved, emit_refund_requested
from refunds.models import Refund, RefundAllowance, RefundLine, Return
from refunds.services.cancel_units import cancel_units
from refunds.services.compose_plan import compose_plan
from refunds.services.lock_refund import lock_payments
from refunds.services.plan_refund import find_return
from refunds.services.refund_funds import promise_funds
from refunds.services.refund_limits import (
    REQUEST,
    ceilings_of,
    day_of,
    lock_allowances,
    take_allowance,
)
from refunds.services.refund_plan import PlannedPart, RefundPlan, RefundWish
from refunds.services.refundable import Refundable, read_refundable
from refunds.services.taken_back import refuse_what_was_taken_back
from refunds.states import RefundState
from shop.orders.services import lock_order
from shop.orders.services.place_order import NUMBER_ALPHABET, NUMBER_LENGTH

REFUND_NUMBER_PREFIX = "RF-"


class SeenPlan(Protocol):
    """A plan that somebody sees before they agree to it."""

    @property
    def plan_hash(self) -> str:
        """What names it."""

    def facts(self) -> dict[str, Any]:
        """Return it as plain values."""


class PlanHasChanged(Conflict):
    code = "plan_has_changed"
    detail = "Something has moved since you looked. Nothing was done: look at the new plan."
    described = {
        "plan": {"type": "object", "description": "The present plan."},
        "plan_hash": {"type": "string", "description": "The present plan's."},
    }

    def __init__(self, plan: SeenPlan) -> None:
        self.plan = plan
        super().__init__(members={"plan": plan.facts(), "plan_hash": plan.plan_hash})


@transaction.atomic
def request_refund(
    *, number: str, wish: RefundWish, plan_hash: str, user_id: int, at: datetime
) -> list[Refund]:
    """Ask for what a plan said, and promise the money: one refund for each payment it comes from.

    Within the person's limits the refunds are approved at once, else somebody else has to. No money
    moves here: whoever called has :func:`execute_refund` ask the provider after the commit, and a
    job does where that did not happen. Units that are cancelled with it are so from now on.

    Raises:
        NotFound: there is no such order.
        Invalid: the wish makes no sense, or comes to nothing.
        Forbidden, NoRefundPolicy: 403, they may not refund anything.
        NeedsTheGoodsBack, GoodwillNotAllowed, CancellingNotAllowed: 403.
        ExceedsRefundable: 409, naming what is left.
        PlanHasChanged: 409, with the present plan; nothing has moved.
        MoneyTakenBack: 409, money of these payments has gone another way.
    """
    order = lock_order(number)
    payments = lock_payments(order)
    of_return = find_return(order, wish)
    if of_return is not None:
        of_return = Return.objects.select_for_update().get(pk=of_return.pk)
    person = person_who_may(user_id, REQUEST)
    ceilings = ceilings_of(person)
    allowance = lock_allowances([(user_id, day_of(at))])[user_id]
    refundable = read_refundable(order, payments, of_return=of_return)
    plan = compose_plan(refundable, wish, person=person, ceilings=ceilings, used=allowance.used)
    if plan.plan_hash != plan_hash:
        raise PlanHasChanged(plan)
    refunds = promise_plan(
        refundable, plan, allowance, note=wish.note, of_return=of_return, by=person, at=at
    )
    cancels = {line.order_line_id: line.cancels for line in plan.lines if line.cancels}
    if cancels:
        # The last step: stock is locked last.
        cancel_units(order, cancels, at=at, on_its_way=plan.agreed_amount)
    return refunds


def promise_plan(
    refundable: Refundable,
    plan: RefundPlan,
    allowance: RefundAllowance,
    *,
    note: str = "",
    of_return: Return | None = None,
    by: User,
    at: datetime,
) -> list[Refund]:
    """Write down a plan that was made of what is locked, a refund for each payment.

    Raises:
        MoneyTakenBack: 409, money of these payments has gone another way.
    """
    refuse_what_was_taken_back([part.payment_id for part in plan.parts])
    if not plan.approval.is_required:
        take_allowance(allowance, plan.amount)
    refunds = [
        _write(refundable, plan, part, note=note, of_return=of_return, by=by, at=at)
        for part in plan.parts
    ]
    for refund in refunds:
        emit_refund_requested(refund)
        if not plan.approval.is_required:
            emit_refund_approved(refund)
    return refunds


def _write(
    refundable: Refundable,
    plan: RefundPlan,
    part: PlannedPart,
    *,
    note: str,
    of_return: Return | None,
    by: User,
    at: datetime,
) -> Refund:
    needs_another = plan.approval.is_required
    payment = next(one for one in refundable.payments if one.pk == part.payment_id)
    refund = Refund.objects.create(
        number=new_refund_number(),
        order=refundable.order,
        payment=payment,
        of_return=of_return,
        currency=plan.currency,
        amount=part.amount,
        shipping=part.shipping,
        goodwill=part.goodwill,
        reason=plan.reason,
        note=note,
        state=RefundState.REQUESTED if needs_another else RefundState.APPROVED,
        method=part.method,
        source=plan.source,
        requested_by=by,
        requested_at=at,
        approval_required=needs_another,
        approved_by=None if needs_another else by,
        approved_at=None if needs_another else at,
        plan_hash=plan.plan_hash,
    )
    lines = _write_lines(refundable, refund, part)
    promise_funds(refundable.order, payment, refund, lines)
    return refund


def _write_lines(refundable: Refundable, refund: Refund, part: PlannedPart) -> Sequence[RefundLine]:
    by_id = {one.line.pk: one.line for one in refundable.lines}
    return RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line=by_id[line.order_line_id],
            quantity=line.quantity,
            amount=line.amount,
            tax=line.tax,
            withheld=line.withheld,
            restock=line.restock,
        )
        for line in part.lines
    )


def new_refund_number() -> str:
    """Return a number that says nothing about how many refunds there are."""
    drawn = (secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))
    return REFUND_NUMBER_PREFIX + "".join(drawn)
