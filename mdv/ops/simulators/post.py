"""Sending signed notices to the shop, and again when it does not say 2xx."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mdv.ops.simulators.journal import Journal
from mdv.ops.simulators.switches import Panel

# Providers go on for three days; a test does not want to wait.
TRIES = 5
RETRY_AFTER_S = 0.5
TIMEOUT_S = 10

# Signs at the moment of sending: Stripe's signatures hold the time.
Sign = Callable[[bytes], Mapping[str, str]]


class Post:
    """Carries one provider's notices to one address."""

    def __init__(self, target: str, *, provider: str, panel: Panel, journal: Journal) -> None:
        self.target = target
        self.provider = provider
        self.panel = panel
        self.journal = journal
        self._lock = threading.Lock()
        self._held: list[tuple[bytes, Sign]] = []

    def send(self, body: bytes, sign: Sign) -> None:
        """Send a notice, as the switches say, without waiting for it."""
        if not self.target:
            return
        switches = self.panel.now
        if switches.holds_notices:
            with self._lock:
                self._held.append((body, sign))
            return
        for _ in range(switches.copies):
            threading.Thread(
                target=self._carry, args=(body, sign, switches.delay_s), daemon=True
            ).start()

    def release(self) -> None:
        """Send what was held, the last one first, one after the other."""
        with self._lock:
            held, self._held = self._held, []
        for body, sign in reversed(held):
            self._carry(body, sign, 0.0)

    def forget(self) -> None:
        """Throw away what was held."""
        with self._lock:
            self._held.clear()

    def _carry(self, body: bytes, sign: Sign, delay_s: float) -> None:
        time.sleep(delay_s)
        for attempt in range(TRIES):
            status = self._deliver(body, sign(body))
            self.journal.write(
                provider=self.provider, notice=body.decode(), attempt=attempt + 1, status=status
            )
            if http.client.OK <= status < http.client.MULTIPLE_CHOICES:
                return
            time.sleep(RETRY_AFTER_S * 2**attempt)

    def _deliver(self, body: bytes, signature: Mapping[str, str]) -> int:
        """Return the status, 0 when there was no answer."""
        where = urlsplit(self.target)
        connection = http.client.HTTPConnection(where.netloc, timeout=TIMEOUT_S)
        headers: dict[str, Any] = {"Content-Type": "application/json", **signature}
        try:
            connection.request("POST", where.path, body=body, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
