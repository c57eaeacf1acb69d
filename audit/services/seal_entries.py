"""Giving committed entries their place in the chain. See docs/adr/0027-sealing-the-trail.md.

What was written by transactions that are older than every running one is complete: nothing can
come in between any more. That is sealed, ordered by transaction and entry, by whoever holds one
advisory lock. Who writes the trail waits for nothing here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.digest import DIGEST, SERVER
from audit.models import AuditSeal
from audit.seal import NO_SEAL, Place, keys_by_id, microseconds, seal_code
from mdv.kernel import clock

# Of the advisory lock: the first half is this room's, as in "audi".
LOCK = (0x61756469, 1)
SEALED_AT_ONCE = 1_000
MAX_BATCHES = 50
PATIENCE_MS = 60_000  # with one batch: on a new server the first looks at every old entry

# The one look-up in the middle is a subquery so that it is asked for each entry, not for all at
# once: there are as many seals as entries.
UNSEALED = f"""
    SELECT entry.transaction_id, entry.id, {DIGEST}
    FROM audit_auditentry AS entry
    WHERE (entry.transaction_id, entry.id) > (%s, %s)
      AND (SELECT seal.seq FROM audit_auditseal AS seal WHERE seal.entry_id = entry.id) IS NULL
      AND {{transactions}}
    ORDER BY entry.transaction_id, entry.id
    LIMIT %s
"""  # noqa: S608  (constants)
FINISHED = UNSEALED.format(
    transactions="entry.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
)
# What a server that was left behind still had to seal, where its count was ahead of this one's.
LEFT_BEHIND = UNSEALED.format(
    transactions="entry.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)
# As arrays: by far cheaper than as many rows of parameters.
APPEND = """
    INSERT INTO audit_auditseal (
        server, key_id, sealed_at, seq, entry_id, transaction_id, digest, previous, mac)
    SELECT %s, %s, %s, one.* FROM unnest(
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[]
    ) AS one (seq, entry_id, transaction_id, digest, previous, mac) ORDER BY one.seq
"""

log = structlog.get_logger("mdv.audit")


class Unsealed(NamedTuple):
    transaction_id: int
    entry_id: int
    digest: bytes


class Sealed(NamedTuple):
    """A seal as it is written, with what the others of its batch do not share."""

    seq: int
    entry_id: int
    transaction_id: int
    digest: bytes
    previous: bytes
    mac: bytes


def seal_entries() -> int:
    """Seal what was committed, say each new head in the log, and return how many were sealed.

    Each batch is a transaction: killed at any moment, the next call goes on. Nothing happens while
    somebody else is at it.
    """
    sealed = 0
    for _ in range(MAX_BATCHES):
        batch = _seal_some()
        if not batch:
            break
        sealed += len(batch)
        head = batch[-1]
        log.info("audit_sealed", seq=head.seq, mac=head.mac.hex(), entries=len(batch))
    return sealed


@transaction.atomic
def _seal_some() -> list[Sealed]:
    with connection.cursor() as cursor:
        if not has_lock(cursor):
            return []
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        head = AuditSeal.objects.order_by("-seq").first()
        server, entries = _next_entries(cursor, head)
        if not entries:
            return []
        (key_id, key), *_ = keys_by_id().items()
        at = clock.now()
        chained = list(_chained(head, entries, server=server, key=key, at_us=microseconds(at)))
        append(cursor, chained, server=server, key_id=key_id, at=at)
    return chained


def has_lock(cursor: CursorWrapper) -> bool:
    """Take the lock until the transaction ends, unless somebody has it.

    A statement of its own: the next one sees what the last holder committed.
    """
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
    return bool(cursor.fetchone()[0])


def _next_entries(cursor: CursorWrapper, head: AuditSeal | None) -> tuple[int, list[Unsealed]]:
    """Return the entries to be sealed next, and the server that counted their transactions."""
    cursor.execute(f"SELECT {SERVER}")
    (server,) = cursor.fetchone()
    if head is None:
        return server, _asked(cursor, FINISHED, 0, 0)
    if head.server == server:
        return server, _asked(cursor, FINISHED, head.transaction_id, head.entry_id)
    left = _asked(cursor, LEFT_BEHIND, head.transaction_id, head.entry_id)
    return (head.server, left) if left else (server, _asked(cursor, FINISHED, 0, 0))


def _asked(
    cursor: CursorWrapper, question: str, transaction_id: int, entry_id: int
) -> list[Unsealed]:
    cursor.execute(question, [transaction_id, entry_id, SEALED_AT_ONCE])
    return [Unsealed(*row) for row in cursor.fetchall()]


def _chained(
    head: AuditSeal | None, entries: Sequence[Unsealed], *, server: int, key: bytes, at_us: int
) -> Iterator[Sealed]:
    seq, previous = (head.seq, bytes(head.mac)) if head else (0, NO_SEAL)
    for transaction_id, entry_id, digest in entries:
        seq += 1
        place = Place(server=server, transaction_id=transaction_id, entry_id=entry_id)
        mac = seal_code(key, previous=previous, seq=seq, digest=digest, place=place, at_us=at_us)
        yield Sealed(seq, entry_id, transaction_id, digest, previous, mac)
        previous = mac


def append(
    cursor: CursorWrapper, chained: Sequence[Sealed], *, server: int, key_id: str, at: datetime
) -> None:
    """Write seals; the database refuses those that do not follow its last one."""
    columns = [list(column) for column in zip(*chained, strict=True)]
    cursor.execute(APPEND, [server, key_id, at, *columns])
