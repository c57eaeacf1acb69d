"""Members of an answer that are secrets: they are not stored, and computed again for a replay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

# JSON writes no control character as it is, so this cannot be part of an answer.
BLANK = b"\x00secret\x00"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A member of an answer that must not lie in the table of answers.

    `of` computes it from the answer's other members, the same as it was the first time.
    """

    member: str
    of: Callable[[Mapping[str, Any]], str]

    def blank(self, body: bytes) -> bytes:
        """Return `body` without the secret, wherever it stands in it."""
        value = orjson.loads(body).get(self.member)
        return body.replace(value.encode(), BLANK) if value else body

    def fill(self, body: bytes) -> bytes:
        """Return `body` with the secret, byte for byte as it was."""
        if BLANK not in body:
            return body
        known = orjson.loads(body.replace(BLANK, b""))
        return body.replace(BLANK, self.of(known).encode())
