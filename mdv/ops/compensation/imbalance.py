"""One thing that is wrong with the books, found again by what it is about."""

from dataclasses import dataclass

from django.db import connection

from mdv.kernel import clock
from mdv.kernel.errors import Conflict
from mdv.ops.invariants import INVARIANTS, About, Row
from mdv.ops.reconcile import ROWS_SHOWN, tell_moment

INVARIANT_OF = {invariant.number: invariant for invariant in INVARIANTS}


class NoRemedy(Conflict):
    code = "no_remedy"
    detail = "The shop cannot put this right by itself. The page of the invariant says what can be."


@dataclass(frozen=True, kw_only=True)
class Imbalance:
    """What is wrong: with which invariant, about what; `rows` say it in words."""

    invariant: int
    about: About
    object_id: int
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        return self.rows[0].what if self.rows else ""

    @property
    def key(self) -> str:
        """What names it in an address."""
        return f"{self.invariant}-{self.about}-{self.object_id}"

    @property
    def problems(self) -> list[str]:
        return [row.problem for row in self.rows]


def find_imbalance(*, invariant: int, about: About, object_id: int) -> Imbalance:
    """Ask an invariant about one thing, as it is now; without rows all is well with it."""
    query = INVARIANT_OF[invariant].query.replace("%", "%%")
    with connection.cursor() as cursor:
        tell_moment(cursor, clock.now())
        cursor.execute(
            f"SELECT * FROM ({query}) AS found (about, object_id, what, problem) "  # noqa: S608
            f"WHERE about = %s AND object_id = %s ORDER BY what, problem LIMIT {ROWS_SHOWN}",
            [about.value, object_id],
        )
        rows = tuple(Row(*row) for row in cursor.fetchall())
    return Imbalance(invariant=invariant, about=about, object_id=object_id, rows=rows)
