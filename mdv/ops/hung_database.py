"""Giving up on a database that takes what it is sent and never answers.

The timeouts of PostgreSQL are kept by PostgreSQL, those of TCP by two systems that are both well: a
server that was stopped, or whose disk hangs, keeps neither. Web processes alone give up: migrations
and other commands may take their time.
"""

from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout

# Seconds. Whoever is well has cancelled a statement long before: see STATEMENT_TIMEOUT_MS.
PATIENCE_S = 8.0
CHECKED_EVERY_S = 0.1  # as psycopg has it


def give_up_after(seconds: float = PATIENCE_S) -> None:
    """Close a connection whose server leaves it without an answer for so long: a 503, not a wait.

    From now on and in this process. Django names no class for its connections, so the class of all
    learns it.
    """
    wait = psycopg.Connection.wait

    def wait_so_long(
        self: "psycopg.Connection[Any]",
        gen: Any,
        interval: float = CHECKED_EVERY_S,
        timeout: float | None = None,
    ) -> Any:
        try:
            return wait(self, gen, interval, seconds if timeout is None else timeout)
        except _WaitTimeout:
            if timeout is not None:
                raise
            # What the server would still say must not answer the next question.
            self.pgconn.finish()
            raise psycopg.OperationalError("the database does not answer") from None

    psycopg.Connection.wait = wait_so_long  # type: ignore[method-assign]
