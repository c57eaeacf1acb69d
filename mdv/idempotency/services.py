"""Claiming a key, and giving an answer again.

Source: the Idempotency-Key HTTP header field, IETF draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from mdv.idempotency.models import IdempotencyKey
from mdv.idempotency.triggers import KEPT_DAYS
from mdv.kernel import clock, context
from mdv.kernel.errors import Conflict, Invalid, Unprocessable

KEPT_FOR = timedelta(days=KEPT_DAYS)
# Longer than the calls to the outside and the statements after them may take: after that whoever
# was at it has died.
BUSY_FOR = timedelta(
    seconds=settings.OUTSIDE_CALL_S * settings.OUTSIDE_CALLS_IN_A_REQUEST,
    milliseconds=settings.STATEMENT_TIMEOUT_MS,
)
FORGOTTEN_AT_ONCE = 5_000
RETRY_AFTER_S = 1
GUEST = "guest"
ACCEPTED_KEY = re.compile(r"[A-Za-z0-9._-]{16,128}")
# A guest is known by nothing but the key. 22 random characters of those accepted are 128 bits.
MIN_GUEST_KEY_LENGTH = 22


class IdempotencyKeyRequired(Invalid):
    code = "idempotency_key_required"
    detail = "Send an Idempotency-Key header: 16 to 128 letters, digits, dots, dashes."


class GuestKeyTooShort(IdempotencyKeyRequired):
    detail = (
        "Who is not logged in is known by the Idempotency-Key alone: send at least "
        f"{MIN_GUEST_KEY_LENGTH} random characters, such as a UUID."
    )


class IdempotencyMismatch(Unprocessable):
    code = "idempotency_mismatch"
    detail = "This Idempotency-Key was used with another body."


class StillRunning(Conflict):
    code = "still_running"
    detail = "A request with this Idempotency-Key is still running. Try again in a moment."
    retry_after = RETRY_AFTER_S


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A key that is ours to fill, or one that was filled before."""

    row: IdempotencyKey
    is_replay: bool

    @property
    def is_unfinished(self) -> bool:
        """Whether its object was made and its answer is still to come."""
        return self.is_replay and self.row.status is None


def check_key(key: str, *, principal: str = "") -> str:
    """Return `key` if it can be one, and is hard enough to guess where it is a guest's.

    Raises:
        IdempotencyKeyRequired: it is missing, malformed, or too short for a guest.
    """
    if not ACCEPTED_KEY.fullmatch(key):
        raise IdempotencyKeyRequired
    if principal == GUEST and len(key) < MIN_GUEST_KEY_LENGTH:
        raise GuestKeyTooShort
    return key


def claim_key(*, principal: str, route: str, key: str, body: Any) -> Claim:
    """Take `key` inside the caller's transaction, waiting for a twin that is still running.

    Raises:
        IdempotencyMismatch: 422, the key came with another body before.
        StillRunning: 409, the twin did not end within the lock timeout.
    """
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    key = stored_key(key)
    ours = _insert(principal=principal, route=route, key=key, digest=digest)
    if ours is not None:
        return Claim(row=IdempotencyKey(pk=ours), is_replay=False)
    row = IdempotencyKey.objects.get(principal=principal, route=route, key=key)
    if row.digest != digest:
        raise IdempotencyMismatch
    return Claim(row=row, is_replay=True)


def stored_key(key: str) -> str:
    """Return `key` as the table has it: with what lies there nobody gets an answer repeated."""
    return hashlib.sha256(key.encode()).hexdigest()


def store_answer(row: IdempotencyKey, *, status: int, location: str, body: bytes) -> None:
    """Keep the answer with its key, in the transaction of the effect; the first one stays."""
    unanswered = IdempotencyKey.objects.filter(pk=row.pk, status=None)
    unanswered.update(status=status, location=location, body=body)


def hold_key(row: IdempotencyKey, *, subject: str, at: datetime) -> None:
    """Say which object the key made, and that its answer is being worked on."""
    row.subject, row.busy_until = subject, at + BUSY_FOR
    row.save(update_fields=["subject", "busy_until"])


def take_over_key(row: IdempotencyKey, *, at: datetime) -> IdempotencyKey:
    """Lock a key whose answer is missing and take it over from who died at it.

    Raises:
        StillRunning: 409, somebody is at it.
    """
    row = IdempotencyKey.objects.select_for_update().get(pk=row.pk)
    if row.status is None and row.busy_until is not None and row.busy_until > at:
        raise StillRunning
    if row.status is None:
        hold_key(row, subject=row.subject, at=at)
    return row


def release_key(row: IdempotencyKey) -> None:
    """Let the next request with the key go on at once, after a failure that is not kept."""
    IdempotencyKey.objects.filter(pk=row.pk, status=None).update(busy_until=None)


def forget_old_keys(*, at: datetime) -> int:
    """Delete keys older than KEPT_FOR, a bounded number; return how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR)
    deleted, _ = IdempotencyKey.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
    return deleted


def _insert(*, principal: str, route: str, key: str, digest: str) -> int | None:
    """Insert the key and return its row's id, or None if it is there; wait for a twin."""
    now = context.current()
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "INSERT INTO idempotency_idempotencykey "
                "(principal, route, key, digest, subject, location, body, actor_id, request_id, "
                "created_at) "
                "VALUES (%s, %s, %s, %s, '', '', '', %s, %s, %s) "
                "ON CONFLICT (principal, route, key) DO NOTHING RETURNING id",
                [principal, route, key, digest, now.actor.id, now.request_id, clock.now()],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise StillRunning from None
            raise
        row = cursor.fetchone()
    return row[0] if row else None
