"""What somebody who works with refunds has before them."""

from django.db.models import Count, Q, TextChoices

from refunds.models import Refund
from refunds.states import IN_LIMBO, RefundState


class RefundWorklist(TextChoices):
    TO_APPROVE = "to_approve"
    IN_LIMBO = "in_limbo"
    FAILED = "failed"


ON_WORKLIST = {
    RefundWorklist.TO_APPROVE: Q(state=RefundState.REQUESTED),
    RefundWorklist.IN_LIMBO: Q(state__in=IN_LIMBO),
    RefundWorklist.FAILED: Q(state=RefundState.FAILED),
}


def count_worklists() -> dict[RefundWorklist, int]:
    """Count what is on each worklist, in one query."""
    waiting = Q()
    for rows in ON_WORKLIST.values():
        waiting |= rows
    counts = Refund.objects.filter(waiting).aggregate(
        **{str(name): Count("pk", filter=rows) for name, rows in ON_WORKLIST.items()}
    )
    return {name: counts[str(name)] for name in ON_WORKLIST}
