"""Limits as the doors use them."""

from datetime import datetime

from mdv.kernel import context
from mdv.kernel.errors import TooMany
from mdv.limits.counting import Usage, count
from mdv.limits.models import Hit


def enforce(scope: str, key: str) -> Usage:
    """Count one hit and refuse it if it is one too many.

    `scope` names a rate in ``settings.RATE_LIMITS``; `key` is whom to count: an account, an
    address bucket. To be called outside a transaction: while Redis is away some counts are rows,
    which a rollback would take back.

    Raises:
        TooMany: 429, with the seconds until the window ends.
    """
    usage = count(scope, key)
    _note(usage)
    if usage.refused:
        raise LimitReached(usage)
    return usage


def forget_old_hits(*, at: datetime) -> int:
    """Delete the counts of windows that ended before `at` and return how many there were."""
    return Hit.objects.filter(window_ends__lt=at).delete()[0]


class LimitReached(TooMany):
    """A limit was hit; ``usage`` says which and for how long."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        super().__init__(retry_after=usage.reset)


def _note(usage: Usage) -> None:
    """Keep the tightest limit that a request met: its answer carries it, the trail reads it."""
    if context.current() is context.OUTSIDE:
        return
    noted = context.current().extra
    before: Usage | None = noted.get(context.LIMIT_USAGE)
    if before is None or (not usage.refused, usage.remaining) <= (
        not before.refused,
        before.remaining,
    ):
        noted[context.LIMIT_USAGE] = usage
