"""Trying a refund again that failed, and booking one that was paid by hand."""

from datetime import datetime

from django.db import transaction

from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from mdv.kernel.text import printed
from refunds.events import emit_refund_approved
from refunds.models import MAX_REFERENCE_LENGTH, Refund
from refunds.services.compose_plan import GoodwillNotAllowed
from refunds.services.decide_refund import SelfApproval, agree
from refunds.services.lock_refund import check_version, lock_refund
from refunds.services.refund_funds import promise_again
from refunds.services.refund_limits import REQUEST, ceilings_of
from refunds.services.refundable import read_refundable
from refunds.services.settle_refund import succeed
from refunds.states import REFUND, RefundMethod, RefundState


class NotByHand(Conflict):
    code = "refund_not_by_hand"
    detail = "The provider gives this refund back. Pay nothing by hand, or it is paid twice."


class BankReferenceUsed(Conflict):
    code = "bank_reference_used"
    detail = "Another refund of this payment is booked with this reference already."


@transaction.atomic
def retry_refund(
    *, number: str, version: int, user_id: int, at: datetime, by_hand: bool = False
) -> Refund:
    """Promise the money of a failed refund again: a new attempt, under a new key, or by hand.

    It counts against the limits of who tries it again, who for one that needed approval is not who
    asked for it. Whoever called has :func:`execute_refund` ask the provider after the commit.

    Raises:
        NotFound: there is no such refund.
        Forbidden, NoRefundPolicy, SelfApproval, GoodwillNotAllowed: 403.
        RefundHasChanged: 409.
        ExceedsRefundable: 409, something else was refunded instead.
        AboveLimit: 409, it is above this person's limits.
        MoneyTakenBack: 409, money of its payment has gone another way.
        InvalidTransition: 409, it did not fail. Of an unknown one only a look-up tells.
    """
    locked = lock_refund(number)
    refund = locked.refund
    person = person_who_may(user_id, REQUEST)
    if refund.state != RefundState.FAILED:
        raise REFUND.refusal(RefundState(refund.state), RefundState.APPROVED)
    check_version(refund, version)
    if refund.approval_required and refund.requested_by_id == user_id:
        raise SelfApproval
    ceilings = ceilings_of(person)
    overpaid = read_refundable(locked.order, locked.payments).overpaid
    if refund.goodwill > overpaid and not ceilings.may_goodwill:
        raise GoodwillNotAllowed
    promise_again(locked)
    agree(refund, user_id, ceilings, at)
    refund.attempt += 1
    refund.provider_id = ""
    refund.asked_at = None
    if by_hand:
        refund.method = RefundMethod.MANUAL
    refund.version += 1
    refund.save()
    emit_refund_approved(refund)
    return refund


@transaction.atomic
def record_manual_refund(*, number: str, bank_reference: str, user_id: int, at: datetime) -> Refund:
    """Book that somebody moved the money of an approved refund at the bank. Booked so: no-op.

    Raises:
        NotFound: there is no such refund.
        Forbidden: 403.
        Invalid: there is no reference that can be seen.
        NotByHand: 409, its provider gives it back.
        BankReferenceUsed: 409.
        InvalidTransition: 409.
    """
    reference = printed(bank_reference) or ""
    if not 1 <= len(reference) <= MAX_REFERENCE_LENGTH:
        message = f"The bank's, at most {MAX_REFERENCE_LENGTH} visible characters."
        raise Invalid(problems=[FieldProblem("bank_reference", "required", message)])
    locked = lock_refund(number)
    refund = locked.refund
    person_who_may(user_id, REQUEST)
    if refund.method != RefundMethod.MANUAL:
        raise NotByHand
    if refund.state == RefundState.SUCCEEDED and refund.bank_reference == reference:
        return refund
    if refund.state != RefundState.APPROVED:
        raise REFUND.refusal(RefundState(refund.state), RefundState.SUCCEEDED)
    others = Refund.objects.filter(payment=locked.payment).exclude(pk=refund.pk)
    if others.filter(bank_reference__iexact=reference).exists():
        raise BankReferenceUsed
    refund.bank_reference = reference
    return succeed(locked, at)
