"""The code of one seal: made with a key that the database does not know."""

import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

NO_SEAL = bytes(hashlib.sha256().digest_size)  # what the first one follows
KEY_ID_LENGTH = 8
# The mac before, its number, the entry's digest, server, transaction, entry, when in microseconds.
MESSAGE = struct.Struct(">32s q 32s q q q q")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an entry stands: which server counted its transaction, that number, its own."""

    server: int
    transaction_id: int
    entry_id: int

    def is_behind(self, other: "Place") -> bool:
        """Tell whether it has to be sealed later. Two servers' counts say nothing of each other."""
        return self.server != other.server or (self.transaction_id, self.entry_id) > (
            other.transaction_id,
            other.entry_id,
        )


def keys_by_id() -> Mapping[str, bytes]:
    """Return the keys that seals are verified with, the one that signs first."""
    keys = [key.encode() for key in settings.AUDIT_HMAC_KEYS]
    return {id_of_key(key): key for key in keys}


def id_of_key(key: bytes) -> str:
    """Return what a seal names its key by; the key cannot be found from it."""
    return hmac.digest(key, b"which key", "sha256").hex()[:KEY_ID_LENGTH]


def seal_code(
    key: bytes, *, previous: bytes, seq: int, digest: bytes, place: Place, at_us: int
) -> bytes:
    """Return the HMAC-SHA256 of one seal: of the one before, and of all that it says itself.

    ``at_us`` is when it was sealed, as :func:`microseconds` says it.
    """
    message = MESSAGE.pack(
        previous,
        seq,
        digest,
        place.server,
        place.transaction_id,
        place.entry_id,
        at_us,
    )
    return hmac.digest(key, message, "sha256")


def microseconds(at: datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND
