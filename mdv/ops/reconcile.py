"""Checking the books: every invariant over everything there is."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from mdv.kernel import clock
from mdv.ops.invariants import INVARIANTS, Invariant, Level, Row
from mdv.ops.models import HOLDS, BooksCheck, Finding, status_of

ROWS_SHOWN = 20
PATIENCE_MS = 10 * 60 * 1_000  # with one invariant
CHECKS_KEPT = 100

log = structlog.get_logger("mdv.books")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one invariant stands: how many rows are wrong, and the first ROWS_SHOWN of them."""

    invariant: Invariant
    rows: Sequence[Row]
    count: int
    took_ms: float

    @property
    def holds(self) -> bool:
        return not self.count

    @property
    def is_red(self) -> bool:
        """Whether the books are wrong; else something waits, or all is well."""
        return not self.holds and self.invariant.level == Level.RED

    def found(self, at: datetime) -> Finding:
        """Return it as it is kept."""
        return Finding(
            number=self.invariant.number,
            status=HOLDS if self.holds else self.invariant.level.value,
            count=self.count,
            rows=list(self.rows),
            took_ms=round(self.took_ms, 1),
            checked_at=at,
        )


def check_invariants(
    *,
    at: datetime | None = None,
    numbers: Collection[int] = (),
    patience_ms: int = PATIENCE_MS,
) -> list[Outcome]:
    """Ask every invariant, or those of `numbers`, all at the same moment of the database.

    `at` is the present unless another one is given. An invariant that takes longer than
    `patience_ms` is given up, and with it the check.
    """
    asked = [one for one in INVARIANTS if not numbers or one.number in numbers]
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = %s", [patience_ms])
        tell_moment(cursor, at or clock.now())
        return [_ask(cursor, invariant) for invariant in asked]


def check_books(
    *, at: datetime, asked_by: str = "", patience_ms: int = PATIENCE_MS
) -> list[Outcome]:
    """Check the books, keep the outcome, which /health shows, and say aloud what is wrong.

    `asked_by` names who wants to know; nobody does at night.
    """
    outcomes = check_invariants(at=at, patience_ms=patience_ms)
    _keep(at, asked_by, [outcome.found(at) for outcome in outcomes])
    _say(outcomes)
    return outcomes


def check_again(
    *, numbers: Collection[int], at: datetime, asked_by: str, patience_ms: int = PATIENCE_MS
) -> list[Outcome]:
    """Ask some invariants anew and keep the rest as the last check found it.

    Where the books were never checked all are asked.
    """
    last = BooksCheck.objects.newest()
    if last is None:
        return check_books(at=at, asked_by=asked_by, patience_ms=patience_ms)
    outcomes = check_invariants(at=at, numbers=numbers, patience_ms=patience_ms)
    findings = {found.number: found for found in last.findings}
    findings |= {outcome.invariant.number: outcome.found(at) for outcome in outcomes}
    _keep(last.checked_at, last.asked_by, [findings[number] for number in sorted(findings)])
    _say(outcomes)
    return outcomes


def tell_moment(cursor: CursorWrapper, at: datetime) -> None:
    """Tell the queries the moment of the check, for the rest of the transaction."""
    cursor.execute("SELECT set_config('mdv.books_at', %s, true)", [at.isoformat()])


def _say(outcomes: Sequence[Outcome]) -> None:
    wrong = [
        {"number": outcome.invariant.number, "count": outcome.count, "rows": list(outcome.rows)}
        for outcome in outcomes
        if outcome.is_red
    ]
    waiting = [one for one in outcomes if not one.holds and not one.is_red]
    if wrong:
        log.error("books_unbalanced", failures=wrong)
    if waiting:
        log.warning("books_ageing", rows=sum(one.count for one in waiting))


@transaction.atomic
def _keep(at: datetime, asked_by: str, findings: list[Finding]) -> None:
    BooksCheck.objects.create(
        checked_at=at,
        asked_by=asked_by,
        status=status_of(findings),
        outcomes=[found.written() for found in findings],
    )
    newest = BooksCheck.objects.order_by("-checked_at", "-id").values("pk")[:CHECKS_KEPT]
    BooksCheck.objects.exclude(pk__in=newest).delete()


def _ask(cursor: CursorWrapper, invariant: Invariant) -> Outcome:
    started = time.perf_counter()
    cursor.execute(
        "SELECT about, object_id, what, problem, count(*) OVER () "  # noqa: S608 (constants)
        f"FROM ({invariant.query}) AS found (about, object_id, what, problem) "
        f"ORDER BY what, problem LIMIT {ROWS_SHOWN}"
    )
    rows = cursor.fetchall()
    return Outcome(
        invariant=invariant,
        rows=[Row(*row[:-1]) for row in rows],
        count=rows[0][-1] if rows else 0,
        took_ms=(time.perf_counter() - started) * 1_000,
    )
