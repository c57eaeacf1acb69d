"""What goes wrong on purpose, as `POST /_control` says."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

ANSWERS = frozenset({"normal", "500", "429", "junk", "silent", "late", "lost"})

REFUNDS = frozenset({"done", "wait", "fail"})

KINDS: Mapping[str, tuple[type, ...]] = {
    "answer": (str,),
    "times": (int,),
    "seconds": (int, float),
    "declines": (bool,),
    "refunds": (str,),
    "copies": (int,),
    "delay_s": (int, float),
    "holds_notices": (bool,),
}


class UnknownSwitch(Exception):
    """There is no such switch, or not with this value."""


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How one provider behaves.

    ``answer`` to calls of its interface: `normal`; `500`, `429`, `junk`, `silent` without doing
    anything (silent: no byte comes); `late` and `lost` do what was asked and answer after
    ``seconds``, or never. ``times`` counts the calls that are left for it, 0 is without end.
    ``declines``: every card is declined. ``refunds`` are `done` at once, `wait` until they are
    moved, or `fail` after they were taken. Notices: each in ``copies``, after ``delay_s``; while
    ``holds_notices`` they wait, and are sent in reverse order when that ends.
    """

    answer: str = "normal"
    times: int = 0
    seconds: float = 1.0
    declines: bool = False
    refunds: str = "done"
    copies: int = 1
    delay_s: float = 0.0
    holds_notices: bool = False

    def changed(self, wanted: Mapping[str, Any]) -> "Switches":
        """Return them with some changed.

        Raises:
            UnknownSwitch: by name, type or value.
        """
        for name, value in wanted.items():
            if type(value) not in KINDS.get(name, ()):
                raise UnknownSwitch(name)
        if wanted.get("answer", "normal") not in ANSWERS:
            raise UnknownSwitch("answer")
        if wanted.get("refunds", "done") not in REFUNDS:
            raise UnknownSwitch("refunds")
        return replace(self, **wanted)


class Panel:
    """The switches of one provider, turned while requests are under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Switches()

    @property
    def now(self) -> Switches:
        return self._now

    def turn(self, wanted: Mapping[str, Any]) -> None:
        """Change some.

        Raises:
            UnknownSwitch: nothing was changed.
        """
        with self._lock:
            self._now = self._now.changed(wanted)

    def reset(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._now = Switches()

    def next_answer(self) -> Switches:
        """Return how to answer this call, and count it."""
        with self._lock:
            found = self._now
            if found.answer != "normal" and found.times:
                left = found.times - 1
                self._now = replace(found, times=left, answer=found.answer if left else "normal")
            return found
