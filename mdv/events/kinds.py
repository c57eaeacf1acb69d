"""Which kinds of events there are: declared by the app that emits them, beside what it tells.

    ORDER_PLACED = declare("order.placed", "Somebody ordered; the stock is held.")

This room knows none of them but its own. A webhook that asks for a kind that nobody declared is
refused, so that a typing error is not a silence for ever.
"""

import re

# What it is about, a dot, what happened.
SHAPE = re.compile(r"[a-z_]+\.[a-z_]+")
MAX_LENGTH = 64

_declared: dict[str, str] = {}


def declare(kind: str, meaning: str) -> str:
    """Make a kind of events known, and return it."""
    if not SHAPE.fullmatch(kind) or len(kind) > MAX_LENGTH:
        raise ValueError(f"{kind!r} is no kind: it is written such as order.placed.")
    if _declared.setdefault(kind, meaning) != meaning:
        raise ValueError(f"{kind!r} is declared twice.")
    return kind


def known_kinds() -> dict[str, str]:
    """Return every kind with its meaning, in alphabetical order."""
    return dict(sorted(_declared.items()))


# Goes to the one target that it was asked for.
PING = declare("webhook.ping", "Somebody on the staff tried a webhook out.")
