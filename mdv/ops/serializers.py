"""What the routes of the books write."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from mdv.ops.health import NOT_CHECKED, OVERDUE, books_status
from mdv.ops.invariants import INVARIANTS, About, Level
from mdv.ops.models import HOLDS, BooksCheck, BooksStatus

BOOKS_STATUSES = [*BooksStatus.values, NOT_CHECKED, OVERDUE]
INVARIANT_STATUSES = [HOLDS, *(level.value for level in Level)]
SENTENCES = {invariant.number: invariant.sentence for invariant in INVARIANTS}


class WrongRowOut(serializers.Serializer[Any]):
    about = serializers.ChoiceField(choices=[one.value for one in About])
    what = serializers.CharField(help_text="Its number, SKU, code or reference.")
    problem = serializers.CharField(help_text="What is wrong with it, for people.")


class FindingOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    sentence = serializers.CharField(help_text="What must always be true.")
    status = serializers.ChoiceField(
        choices=INVARIANT_STATUSES,
        help_text="`red`: the books are wrong. `amber`: something waits for too long.",
    )
    count = serializers.IntegerField(help_text="How many rows are wrong in all.")
    rows = WrongRowOut(many=True, help_text="The first of them.")
    took_ms = serializers.FloatField()
    checked_at = serializers.DateTimeField()


class BooksOut(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=BOOKS_STATUSES)
    checked_at = serializers.DateTimeField(allow_null=True)
    asked_by = serializers.CharField(help_text="Who wanted to know; empty for the night's job.")
    invariants = FindingOut(many=True)


class CheckedOut(BooksOut):
    is_queued = serializers.BooleanField(
        help_text="It takes longer than a request may: a worker checks them, this is the last one."
    )


def books_of(last: BooksCheck | None, *, at: datetime) -> dict[str, Any]:
    """Return the last check of the books as the API writes it."""
    return {
        "status": books_status(last, at=at),
        "checked_at": last.checked_at if last else None,
        "asked_by": last.asked_by if last else "",
        "invariants": [
            {**vars(found), "sentence": SENTENCES[found.number], "rows": _rows(found.rows)}
            for found in (last.findings if last else [])
        ],
    }


def _rows(rows: Any) -> list[dict[str, Any]]:
    return [{"about": row.about, "what": row.what, "problem": row.problem} for row in rows]
