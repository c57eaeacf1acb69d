"""Being asked to end: Ctrl-C, SIGTERM, a closed terminal."""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_S = 0.1


class StopAsked(Exception):
    """Somebody wants us to end. Raised only where we wait, never in the middle of a step."""


class Asked:
    """Remembers the signals; a second one means that somebody is in a hurry."""

    def __init__(self) -> None:
        """Listen to the signals from now on."""
        self.times = 0
        self.by_ctrl_c = False
        for number in SIGNALS:
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.times += 1
        self.by_ctrl_c = number == signal.SIGINT

    @property
    def in_a_hurry(self) -> bool:
        return self.times > 1

    def pause(self, seconds: float) -> None:
        """Wait, unless asked to end.

        Raises:
            StopAsked: somebody asked, before or while waiting.
        """
        until = time.monotonic() + seconds
        while True:
            if self.times:
                raise StopAsked
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, POLL_S))
