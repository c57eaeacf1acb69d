"""Limits as the doors use them."""

from mdv.kernel.errors import TooMany
from mdv.limits.counting import Usage, count


def enforce(scope: str, key: str) -> Usage:
    """Count one hit and refuse it if it is one too many.

    `scope` names a rate in ``settings.RATE_LIMITS``; `key` is whom to count: an account, an
    address bucket.

    Raises:
        TooMany: 429, with the seconds until the window ends.
    """
    usage = count(scope, key)
    if usage.refused:
        raise LimitReached(usage)
    return usage


class LimitReached(TooMany):
    """A limit was hit; ``usage`` says which and for how long."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        super().__init__(retry_after=usage.reset)
