"""Agreeing to what is above somebody's limits, saying no to it, and thinking again."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Conflict, FieldProblem, Forbidden, Invalid
from refunds.events import (
    REFUND_CANCELLED,
    REFUND_REJECTED,
    emit_refund_approved,
    emit_refund_ended,
)
from refunds.models import MAX_REFUND_NOTE_LENGTH, Refund
from refunds.services.lock_refund import LockedRefund, check_version, lock_refund
from refunds.services.refund_funds import release_funds
from refunds.services.refund_limits import (
    APPROVE,
    REQUEST,
    Ceilings,
    NoRefundPolicy,
    ceilings_of,
    day_of,
    give_allowance_back,
    lock_allowances,
    take_allowance,
)
from refunds.services.taken_back import refuse_what_was_taken_back
from refunds.states import COMMITTED, REFUND, RefundState


class SelfApproval(Forbidden):
    code = "self_approval"
    detail = "You asked for this refund yourself. Somebody else has to agree to it."


class RequesterMayNot(Conflict):
    code = "requester_may_not"
    detail = "Who asked for this refund may not refund any more. Reject it, and ask for it anew."


@transaction.atomic
def approve_refund(
    *, number: str, version: int, user_id: int, at: datetime, answer: str = ""
) -> Refund:
    """Agree to a refund that is above the limits of who asked for it. By the same person: no-op.

    It counts against the approver's own limits: by refund with all that was asked for in one go
    over several payments. Whoever called has :func:`execute_refund` ask the provider after the
    commit; a job does where that did not happen.

    Raises:
        NotFound: there is no such refund.
        Forbidden, NoRefundPolicy, SelfApproval: 403.
        RefundHasChanged: 409, it is not what the approver saw.
        AboveLimit: 409, it is above the approver's limits too.
        MoneyTakenBack: 409, money of its payment has gone another way.
        RequesterMayNot: 409, who asked for it may not any more.
        InvalidTransition: 409.
    """
    locked = lock_refund(number)
    refund = locked.refund
    approver = person_who_may(user_id, APPROVE)
    if refund.state == RefundState.APPROVED and refund.approved_by_id == user_id:
        return refund
    if refund.state != RefundState.REQUESTED:
        raise REFUND.refusal(RefundState(refund.state), RefundState.APPROVED)
    check_version(refund, version)
    if refund.requested_by_id == user_id:
        raise SelfApproval
    _check_requester(refund)
    agree(refund, user_id, ceilings_of(approver), at)
    refund.answer = answer[:MAX_REFUND_NOTE_LENGTH]
    refund.version += 1
    refund.save()
    emit_refund_approved(refund)
    return refund


@transaction.atomic
def reject_refund(*, number: str, answer: str, user_id: int, at: datetime) -> Refund:
    """Say no to a refund, and why: its money may be refunded otherwise. Rejected already: no-op.

    Units that were cancelled with it stay cancelled.

    Raises:
        NotFound: there is no such refund.
        Forbidden: 403.
        Invalid: there is no answer.
        InvalidTransition: 409.
    """
    if not answer.strip() or len(answer) > MAX_REFUND_NOTE_LENGTH:
        message = f"Say why not, in at most {MAX_REFUND_NOTE_LENGTH} characters."
        raise Invalid(problems=[FieldProblem("answer", "required", message)])
    locked = lock_refund(number)
    person_who_may(user_id, APPROVE)
    locked.refund.answer = answer
    return _end(locked, RefundState.REJECTED, REFUND_REJECTED)


@transaction.atomic
def cancel_refund(*, number: str, user_id: int, at: datetime) -> Refund:
    """Give a refund up that its provider was not asked for yet. Cancelled already: no-op.

    Units that were cancelled with it stay cancelled.

    Raises:
        NotFound: there is no such refund.
        Forbidden: 403.
        InvalidTransition: 409, it is on its way, or has ended.
    """
    locked = lock_refund(number)
    person_who_may(user_id, REQUEST)
    return _end(locked, RefundState.CANCELLED, REFUND_CANCELLED)


def agree(refund: Refund, user_id: int, ceilings: Ceilings, at: datetime) -> None:
    """Note on a locked refund who agreed and when, and count it against that person's limits.

    Raises:
        AboveLimit, MoneyTakenBack: 409.
    """
    refuse_what_was_taken_back([refund.payment_id])
    REFUND.check(RefundState(refund.state), RefundState.APPROVED)
    allowance = lock_allowances([(user_id, day_of(at))])[user_id]
    exceeded = ceilings.exceeded_by(_whole_plan(refund), used_today=Decimal(0))
    exceeded = exceeded or ceilings.exceeded_by(refund.amount, used_today=allowance.used)
    if exceeded:
        raise ceilings.refusal(exceeded)
    take_allowance(allowance, refund.amount)
    refund.state = RefundState.APPROVED
    refund.approved_by_id = user_id
    refund.approved_at = at


def _whole_plan(refund: Refund) -> Decimal:
    """Return what was asked for in one go: no limit is passed by asking over two payments."""
    others = Refund.objects.of_the_plan(refund).exclude(pk=refund.pk).filter(state__in=COMMITTED)
    total: Decimal | None = others.aggregate(total=Sum("amount"))["total"]
    return refund.amount + (total or 0)


def _check_requester(refund: Refund) -> None:
    try:
        ceilings_of(person_who_may(refund.requested_by_id or 0, REQUEST))
    except (Forbidden, NoRefundPolicy):
        raise RequesterMayNot from None


def _end(locked: LockedRefund, state: RefundState, kind: str) -> Refund:
    refund = locked.refund
    if refund.state == state:
        return refund
    REFUND.check(RefundState(refund.state), state)
    refund.state = state
    refund.version += 1
    refund.save()
    release_funds(locked)
    give_allowance_back(refund)
    emit_refund_ended(kind, refund)
    return refund
