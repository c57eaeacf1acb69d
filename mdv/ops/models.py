"""What operations keep: each check of the books, and what was put right since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from mdv.kernel.triggers import AppendOnly, TruncateGuard
from mdv.ops.invariants import Level, Row

HOLDS = "ok"
MAX_COMPENSATION_REASON_LENGTH = 300


class BooksStatus(models.TextChoices):
    """What a check comes to: all holds, something waits for too long, or the books are wrong."""

    OK = "ok"
    AGEING = "ageing"
    UNBALANCED = "unbalanced"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How one invariant stood: `status` is ``ok``, ``amber`` or ``red``.

    `count` is how many rows are wrong in all, `rows` the first of them.
    """

    number: int
    status: str
    count: int
    rows: list[Row]
    took_ms: float
    checked_at: datetime

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Finding":
        """Return what was written as JSON."""
        return cls(
            number=kept["number"],
            status=kept["status"],
            count=kept["count"],
            rows=[Row(*row) for row in kept["rows"]],
            took_ms=kept["took_ms"],
            checked_at=datetime.fromisoformat(kept["checked_at"]),
        )

    def written(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "number": self.number,
            "status": self.status,
            "count": self.count,
            "rows": [list(row) for row in self.rows],
            "took_ms": self.took_ms,
            "checked_at": self.checked_at.isoformat(),
        }


class BooksCheckQuerySet(models.QuerySet["BooksCheck"]):
    def newest(self) -> "BooksCheck | None":
        """Return the last check, with what was looked at again since."""
        return self.order_by("-checked_at", "-id").first()


class BooksCheck(models.Model):
    """One check of the books: when, who asked for it, how each invariant stood.

    Where a few invariants are asked again the row is a copy of the one before with what they say
    now: ``checked_at`` stays the moment of the whole check, each finding has its own.
    """

    checked_at = models.DateTimeField(db_index=True)
    asked_by = models.CharField(max_length=254, blank=True, help_text="Empty: the night's job.")
    status = models.CharField(
        max_length=10, choices=BooksStatus.choices, default=BooksStatus.OK, editable=False
    )
    outcomes = models.JSONField(default=list)

    objects: ClassVar[BooksCheckQuerySet] = BooksCheckQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "check of the books"
        verbose_name_plural = "checks of the books"
        constraints = [
            models.CheckConstraint(
                name="books_status_is_known", condition=Q(status__in=BooksStatus.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} {self.get_status_display()}"

    @property
    def findings(self) -> list[Finding]:
        """How each invariant stood, in the order of their numbers."""
        return [Finding.read(kept) for kept in self.outcomes]

    def finding(self, number: int) -> Finding | None:
        """Return how one invariant stood, if it was asked."""
        return next((found for found in self.findings if found.number == number), None)


def status_of(findings: list[Finding]) -> BooksStatus:
    """Return what the findings come to."""
    levels = {found.status for found in findings}
    if Level.RED in levels:
        return BooksStatus.UNBALANCED
    return BooksStatus.AGEING if Level.AMBER in levels else BooksStatus.OK


class Compensation(models.Model):
    """One time that the books were put right: what was found, what was done, why, by whom.

    ``about`` and ``object_id`` are those of the row that was found, ``what`` its name. ``changes``
    lists what each figure was before and is after. It stands for good, as what it is about does.
    """

    NUMBER_PREFIX = "BC-"

    number = models.CharField(max_length=16, unique=True)
    invariant = models.PositiveSmallIntegerField()
    about = models.CharField(max_length=16)
    object_id = models.BigIntegerField()
    what = models.CharField(max_length=100)
    found = models.JSONField()
    changes = models.JSONField()
    reason = models.CharField(max_length=MAX_COMPENSATION_REASON_LENGTH)
    actor_id = models.BigIntegerField()
    actor_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=128, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="compensation_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="compensation_says_what_was_found_and_done",
                condition=~Q(found=[]) & ~Q(changes=[]),
            ),
        ]
        indexes = [models.Index(fields=["-made_at", "-id"], name="compensation_newest")]
        triggers = [AppendOnly(), TruncateGuard()]

    def __str__(self) -> str:
        return self.number

    @property
    def figures(self) -> str:
        """What each figure was and is, in words."""
        return "; ".join(f"{one['what']} {one['before']} → {one['after']}" for one in self.changes)
