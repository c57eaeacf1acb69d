"""Checking the books: every invariant over everything there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from mdv.ops.invariants import INVARIANTS, Invariant
from mdv.ops.models import BooksCheck

ROWS_SHOWN = 20
STATEMENT_TIMEOUT_MS = 10 * 60 * 1_000
CHECKS_KEPT = 100

log = structlog.get_logger("mdv.books")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one invariant stands: `rows` are (what, what is wrong), at most ROWS_SHOWN of them."""

    invariant: Invariant
    rows: Sequence[tuple[str, str]]

    @property
    def holds(self) -> bool:
        return not self.rows


def check_invariants() -> list[Outcome]:
    """Ask every invariant, all at the same moment of the database."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = %s", [STATEMENT_TIMEOUT_MS])
        return [_ask(cursor, invariant) for invariant in INVARIANTS]


def check_books(*, at: datetime) -> list[Outcome]:
    """Check the books, keep the outcome, which /health shows, and say aloud what is wrong."""
    outcomes = check_invariants()
    failures = [
        {"number": outcome.invariant.number, "rows": list(outcome.rows)}
        for outcome in outcomes
        if not outcome.holds
    ]
    _keep(at, failures)
    if failures:
        log.error("books_unbalanced", failures=failures)
    return outcomes


@transaction.atomic
def _keep(at: datetime, failures: list[dict[str, Any]]) -> None:
    BooksCheck.objects.create(checked_at=at, failures=failures)
    newest = BooksCheck.objects.order_by("-checked_at", "-id").values("pk")[:CHECKS_KEPT]
    BooksCheck.objects.exclude(pk__in=newest).delete()


def _ask(cursor: CursorWrapper, invariant: Invariant) -> Outcome:
    cursor.execute(
        f"SELECT * FROM ({invariant.query}) AS found (what, problem) "  # noqa: S608 (constants)
        f"ORDER BY what, problem LIMIT {ROWS_SHOWN}"
    )
    return Outcome(invariant=invariant, rows=cursor.fetchall())
