"""Issuing a credit note that should have been issued when its refund succeeded."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.restating import Restatement
from refunds.models import CreditNote, Refund
from refunds.services.issue_credit_note import issue_credit_note
from refunds.services.lock_refund import lock_refund
from refunds.states import RefundState

TO_BE_ISSUED = "issued now, with the next number"


def plan_missing_credit_note(*, number: str) -> list[Restatement]:
    """Return what :func:`issue_missing_credit_note` would do."""
    lacks = _lacks_credit_note(Refund.objects.get(number=number))
    return [_credit_note(TO_BE_ISSUED)] if lacks else []


@transaction.atomic
def issue_missing_credit_note(*, number: str, at: datetime) -> list[Restatement]:
    """Give a refund that succeeded and has no credit note its own, with the next number.

    Raises:
        NotFound: there is no such refund.
    """
    refund = lock_refund(number).refund
    if not _lacks_credit_note(refund):
        return []
    issue_credit_note(refund=refund, at=at)
    return [_credit_note(CreditNote.objects.get(refund=refund).number)]


def _lacks_credit_note(refund: Refund) -> bool:
    has_succeeded = refund.state == RefundState.SUCCEEDED
    return has_succeeded and not CreditNote.objects.filter(refund=refund).exists()


def _credit_note(after: str) -> Restatement:
    return Restatement(what="Credit note", before="none", after=after)
