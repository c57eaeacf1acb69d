"""How long a session in the back office lasts: an hour without use, half a day at most."""

from datetime import datetime, timedelta

import structlog
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import DatabaseError

IDLE = timedelta(minutes=60)
AT_MOST = timedelta(hours=12)
NOTE_EVERY = timedelta(minutes=1)

OPENED = "opened_at"
SEEN = "seen_at"

log = structlog.get_logger("mdv.accounts")


def has_ended(session: SessionBase, *, at: datetime) -> bool:
    """Tell whether the session was left alone for too long, or is too old."""
    now = at.timestamp()
    opened, seen = session.get(OPENED, now), session.get(SEEN, now)
    return bool(now - seen > IDLE.total_seconds() or now - opened > AT_MOST.total_seconds())


def note_use(session: SessionBase, *, at: datetime) -> None:
    """Note that the session is in use, now and then: a look must not become a write each time."""
    now = at.timestamp()
    if now - session.get(SEEN, 0) < NOTE_EVERY.total_seconds():
        return
    session.setdefault(OPENED, now)
    session[SEEN] = now
    try:
        session.save()
    except (DatabaseError, UpdateError) as problem:
        # A database that only reads must not keep anybody from looking.
        log.warning("session_use_not_noted", error=type(problem).__name__)
    session.modified = False
