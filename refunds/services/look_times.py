"""When to ask a provider what became of a refund, and when its answer is final."""

from datetime import datetime, timedelta

from refunds.models import Refund

FIRST_LOOK_AFTER = timedelta(minutes=2)
# A refund that is older is looked at as often as this: banks take days.
LONGEST_WAIT = timedelta(hours=6)
# What a provider does not know of by then never reached it: our own calls end within seconds.
LOST_AFTER = timedelta(minutes=10)


def next_look(refund: Refund, at: datetime) -> datetime:
    """Return when to ask next: after as long as it is on its way already, within bounds."""
    waited = at - (refund.asked_at or at)
    return at + min(max(waited, FIRST_LOOK_AFTER), LONGEST_WAIT)
