"""How much of a request is here, told from its first bytes. Apart from gunicorn, which parses it.

What this cannot make sense of it calls whole: gunicorn refuses it with the right words.
"""

import re
from enum import Enum

# Bytes that are kept for a connection while the rest is awaited.
MAX_HEAD = 32 * 1024
MAX_SHORT_BODY = 64 * 1024

END_OF_HEAD = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*([0-9]{1,18})[ \t]*\r$")
# Who asks whether to go on sends no body until told.
EXPECTS_AN_ANSWER = re.compile(rb"(?im)^expect:")


class Stage(Enum):
    """``WHOLE`` has all of its bytes; ``LONG`` has a body that is read while it comes."""

    PARTIAL = "partial"
    WHOLE = "whole"
    LONG = "long"


def stage_of(received: bytes | bytearray) -> Stage:
    """Tell whether a thread may have this request, and whether it will have to wait for more."""
    end = received.find(END_OF_HEAD)
    if end < 0:
        return Stage.WHOLE if len(received) > MAX_HEAD else Stage.PARTIAL
    length = body_length(received)
    if length > MAX_SHORT_BODY or (length and EXPECTS_AN_ANSWER.search(received, 0, end + 2)):
        return Stage.LONG
    have = len(received) - end - len(END_OF_HEAD)
    return Stage.WHOLE if have >= length else Stage.PARTIAL


def body_length(received: bytes | bytearray) -> int:
    """Return how long the head says that the body is."""
    end = received.find(END_OF_HEAD)
    found = CONTENT_LENGTH.search(received, 0, end + 2)
    return int(found.group(1)) if found else 0
