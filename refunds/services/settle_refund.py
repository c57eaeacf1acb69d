"""The end of a refund: what the provider or the bank did with it, booked once."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.errors import Conflict
from refunds.events import REFUND_FAILED, REFUND_SUCCEEDED, emit_refund_ended
from refunds.letters import tell_succeeded
from refunds.models import MAX_FAILURE_LENGTH, Refund
from refunds.services.issue_credit_note import issue_credit_note
from refunds.services.lock_refund import LockedRefund, lock_refund
from refunds.services.look_times import next_look
from refunds.services.refund_funds import pay_out, promise_again, release_funds
from refunds.services.refund_limits import give_allowance_back, take_allowance_again
from refunds.states import REFUND, RefundState
from shop.payments.gateways.base import RefundFact, RefundOutcome


class FactDoesNotFit(Conflict):
    code = "refund_fact_does_not_fit"
    detail = "What the provider says is not about this refund as we know it."


@transaction.atomic
def settle_refund(*, number: str, fact: RefundFact, at: datetime) -> Refund:
    """Book what the provider said of a refund, whoever heard it first. Told again: no-op.

    A refund that had failed and went through after all is booked too, if its money was not
    promised otherwise since.

    Raises:
        FactDoesNotFit: 409, amount, currency, attempt or number are others; or it failed after it
            had succeeded.
        ExceedsRefundable: 409, it had failed, and its money was refunded otherwise.
    """
    locked = lock_refund(number)
    refund = locked.refund
    _check_fact(refund, fact)
    match fact.outcome:
        case RefundOutcome.SUCCEEDED:
            return _succeed_by_provider(locked, fact, at)
        case RefundOutcome.FAILED:
            return fail(locked, fact.failure)
        case RefundOutcome.PENDING:
            return _wait(refund, fact, at)


def succeed(locked: LockedRefund, at: datetime) -> Refund:
    """Book that the money of a locked refund has gone; its credit note is issued last."""
    refund = locked.refund
    if refund.state == RefundState.FAILED:
        promise_again(locked)
        take_allowance_again(refund)
    REFUND.check(RefundState(refund.state), RefundState.SUCCEEDED)
    refund.state = RefundState.SUCCEEDED
    refund.settled_at = at
    refund.next_look_at = None
    refund.failure = ""
    refund.version += 1
    refund.save()
    pay_out(locked)
    emit_refund_ended(REFUND_SUCCEEDED, refund)
    tell_succeeded(refund)
    issue_credit_note(refund=refund, at=at)  # the last step: numbers are locked last
    return refund


def fail(locked: LockedRefund, failure: str) -> Refund:
    """Book that the money of a locked refund did not go: it may be refunded otherwise.

    Raises:
        FactDoesNotFit: 409, it has succeeded.
    """
    refund = locked.refund
    if refund.state == RefundState.FAILED:
        return refund
    if refund.state == RefundState.SUCCEEDED:
        raise FactDoesNotFit("The provider says that it failed, after it had succeeded.")
    REFUND.check(RefundState(refund.state), RefundState.FAILED)
    refund.state = RefundState.FAILED
    refund.failure = failure[:MAX_FAILURE_LENGTH] or "The provider gives no reason."
    refund.next_look_at = None
    refund.version += 1
    refund.save()
    release_funds(locked)
    give_allowance_back(refund)
    emit_refund_ended(REFUND_FAILED, refund)
    return refund


def _check_fact(refund: Refund, fact: RefundFact) -> None:
    told = (fact.amount, fact.currency)
    if told != (refund.amount, refund.currency):
        message = f"{fact.currency} {fact.amount} instead of {refund.currency} {refund.amount}."
        raise FactDoesNotFit(message)
    if fact.key and fact.key != refund.key:
        raise FactDoesNotFit(f"It is about {fact.key}, and the present attempt is {refund.key}.")
    if refund.provider_id and fact.provider_id != refund.provider_id:
        message = f"The refund is booked as {refund.provider_id}; this is {fact.provider_id}."
        raise FactDoesNotFit(message)


def _succeed_by_provider(locked: LockedRefund, fact: RefundFact, at: datetime) -> Refund:
    refund = locked.refund
    if refund.state == RefundState.SUCCEEDED:
        return refund
    refund.provider_id = fact.provider_id
    return succeed(locked, at)


def _wait(refund: Refund, fact: RefundFact, at: datetime) -> Refund:
    """Note that the provider has it and is not done."""
    if refund.state not in {RefundState.PROCESSING, RefundState.UNKNOWN}:
        return refund
    REFUND.check(RefundState(refund.state), RefundState.PROCESSING)
    refund.state = RefundState.PROCESSING
    refund.provider_id = fact.provider_id
    refund.next_look_at = next_look(refund, at)
    refund.version += 1
    refund.save()
    return refund
