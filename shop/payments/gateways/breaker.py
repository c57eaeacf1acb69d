"""Leaving a provider alone for a while when it does not answer."""

import threading
from time import monotonic

import structlog

OUTAGES_THAT_OPEN = 4
OPEN_S = 15.0

log = structlog.get_logger("shop.payments")


class Breaker:
    """Opens after a few outages in a row, so that nobody waits for answers that do not come.

    After OPEN_S one caller is let through to try (half-open): its answer closes the breaker, its
    outage keeps it open for as long again. One per provider and process.
    """

    def __init__(
        self, name: str, *, outages: int = OUTAGES_THAT_OPEN, open_s: float = OPEN_S
    ) -> None:
        self.name = name
        self.outages_that_open = outages
        self.open_s = open_s
        self._lock = threading.Lock()
        self._outages = 0
        self._next_try_at = 0.0  # of the monotonic clock, in seconds

    def lets_through(self) -> bool:
        """Tell whether to ask the provider now. Whoever is let through reports what came of it."""
        with self._lock:
            if self._outages < self.outages_that_open:
                return True
            now = monotonic()
            if now < self._next_try_at:
                return False
            self._next_try_at = now + self.open_s  # the others wait for this one's answer
            return True

    def answered(self) -> None:
        """Close: the provider answered, with whatever."""
        with self._lock:
            self._outages = 0

    def was_out(self) -> None:
        """Count an outage, and open when there were too many."""
        with self._lock:
            self._outages += 1
            opens = self._outages >= self.outages_that_open
            if opens:
                self._next_try_at = monotonic() + self.open_s
        if opens:
            log.warning("gateway_away", provider=self.name, seconds=self.open_s)
