"""Whether this process was told to end. Apart from Django: gunicorn's settings use it too."""

import signal
from types import FrameType


class Draining:
    """Says yes from the first SIGTERM on."""

    def __init__(self) -> None:
        self.now = False

    def begin_on_sigterm(self) -> None:
        """Listen to SIGTERM, before whoever listens to it already."""
        ends = signal.getsignal(signal.SIGTERM)

        def hear(number: int, frame: FrameType | None) -> None:
            self.now = True
            if callable(ends):
                ends(number, frame)

        signal.signal(signal.SIGTERM, hear)
        # As gunicorn has it: the signal does not break off what a request is reading.
        signal.siginterrupt(signal.SIGTERM, False)


draining = Draining()
