"""Everything that writes to the trail and to its seals, and what proves them."""

from audit.services.record_event import record
from audit.services.seal_entries import seal_entries
from audit.services.verify_trail import Head, Verdict, verify_trail

__all__ = [
    "Head",
    "Verdict",
    "record",
    "seal_entries",
    "verify_trail",
]
