"""Checking the books: every invariant over everything there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from mdv.ops.invariants import INVARIANTS, Invariant
from mdv.ops.models import BooksCheck

ROWS_SHOWN = 20
STATEMENT_TIMEOUT_MS = 10 * 60 * 1_000


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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = %s", [STATEMENT_TIMEOUT_MS])
        return [_ask(cursor, invariant) for invariant in INVARIANTS]


def check_books(*, at: datetime) -> list[Outcome]:
    """Check the books and keep the outcome, which /health shows."""
    outcomes = check_invariants()
    failures = [
        {"number": outcome.invariant.number, "rows": list(outcome.rows)}
        for outcome in outcomes
        if not outcome.holds
    ]
    BooksCheck.objects.create(checked_at=at, failures=failures)
    return outcomes


def _ask(cursor: CursorWrapper, invariant: Invariant) -> Outcome:
    cursor.execute(f"SELECT * FROM ({invariant.query}) found LIMIT {ROWS_SHOWN}")  # noqa: S608 (constants)
    return Outcome(invariant=invariant, rows=cursor.fetchall())
