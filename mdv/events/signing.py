"""How a delivery proves that it is the shop's: the header ``Mdv-Signature``.

``t=<seconds>,v1=<hex>``, with one ``v1`` per secret that is valid at the time: HMAC-SHA256 over
the seconds, a dot and the body as it is sent. docs/events.md shows how a receiver checks it.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
# Names the use that the shop's key is put to; never change it.
PURPOSE = "mdv.events.webhook"


def secret_of(salt: str) -> str:
    """Return the secret that belongs to `salt`: the database alone does not give it away."""
    return PREFIX + salted_hmac(PURPOSE, salt, algorithm="sha256").hexdigest()


def signature(body: bytes, *, secrets: Sequence[str], at: datetime) -> str:
    """Return the header's value for `body`, sent `at`."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    proofs = [hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets]
    return ",".join([f"t={seconds}", *(f"v1={proof}" for proof in proofs)])
