"""Two people change one thing: the second learns what the first did, and overwrites nothing."""

from datetime import datetime
from typing import Any

from django.db.models import Model, Q

from audit.models import AuditEntry
from mdv.kernel.errors import PreconditionFailed

MAX_CHANGES_NAMED = 20


class Stale(PreconditionFailed):
    code = "stale"
    detail = "Someone else changed this since you read it. Nothing was saved."
    described = {
        "version": {"type": "integer", "description": "The present one."},
        "changes": {
            "type": "array",
            "description": "Who changed what since the version that was sent.",
            "items": {
                "type": "object",
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "by": {"type": "string", "description": "Their e-mail."},
                    "fields": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    }


def check_version(row: Model, *, present: int, expected: int | None) -> None:
    """Refuse a change that was meant for another version of `row`, which the caller has locked.

    `expected` None asks for no check.

    Raises:
        Stale: 412, naming the present version and who changed which fields when since `expected`.
    """
    if expected is None or expected == present:
        return
    changes = [_told(entry) for entry in _entries(row) if _version_after(entry) > expected]
    raise Stale(members={"version": present, "changes": changes})


def check_shown(row: Model, *, what: str, present: object, shown: object, told_by: Q) -> None:
    """Refuse a change of `what` of `row`, which the caller has locked, that was meant for another.

    `shown` is what the person saw, None asks for no check. `told_by` selects what the trail has of
    changes of it.

    Raises:
        Stale: 412, naming who changed it last, and when.
    """
    if shown is None or shown == present:
        return
    last = AuditEntry.objects.of(row).filter(told_by)[:1]
    changes = [{"at": one.timestamp, "by": one.actor_email, "fields": [what]} for one in last]
    raise Stale(members={"changes": changes})


def changes_since(row: Model, *, at: datetime) -> list[dict[str, Any]]:
    """Return who changed which fields of `row` when after `at`, the latest first."""
    entries = AuditEntry.objects.of(row).filter(action=AuditEntry.Action.UPDATE, timestamp__gt=at)
    return [_told(entry) for entry in entries[:MAX_CHANGES_NAMED]]


def _entries(row: Model) -> list[AuditEntry]:
    entries = AuditEntry.objects.of(row).filter(action=AuditEntry.Action.UPDATE)
    return list(entries.filter(changes__has_key="version")[:MAX_CHANGES_NAMED])


def _version_after(entry: AuditEntry) -> int:
    return int(entry.changes["version"][1])


def _told(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.timestamp,
        "by": entry.actor_email,
        "fields": sorted(set(entry.changes) - {"version"}),
    }
