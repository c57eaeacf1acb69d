"""Django's migrate, made safe beside a running shop and beside another deploy."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable

from mdv.ops.own_role import connected_as_owner, let_work, refuse_wrong_owner

LOCK_KEY = 0x6D64765F6D6967  # "mdv_mig": any number that nothing else in this database locks
WAIT_MINUTES = 15
POLL_S = 1.0

# A migration that queues for a table lock makes every request on that table queue behind it.
LOCK_TIMEOUT = "2s"
# A statement or a Python step of a migration may take long; it is known not to be stuck.
TIMEOUTS = {
    "lock_timeout": LOCK_TIMEOUT,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
ATTEMPTS = 10
PAUSE_S = 3.0


class Command(migrate.Command):
    """One migrate at a time; it gives way to the shop and tries again."""

    help = f"{migrate.Command.help} One runs at a time; it gives way to the running shop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate under the lock, again after each lock timeout.

        Raises:
            CommandError: another migrate did not end, the shop never let go of a table, or the
                application's role owns the tables although MIGRATE_DATABASE_URL names another.
        """
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        with (
            connected_as_owner(connection) as application,
            _only_one(connection, self._say),
            _patient_statements(connection),
        ):
            if application:
                refuse_wrong_owner(connection, application)
            self._migrate_with_retries(*args, **options)
            if application:
                let_work(connection, application)

    def _migrate_with_retries(self, *args: Any, **options: Any) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                super().handle(*args, **options)
            except OperationalError as problem:
                if not isinstance(problem.__cause__, LockNotAvailable):
                    raise
                self._say(f"A table was in use for {LOCK_TIMEOUT} (try {attempt} of {ATTEMPTS}).")
            else:
                return
            if attempt < ATTEMPTS:
                time.sleep(PAUSE_S)
        raise CommandError(
            f"A table was in use at each of {ATTEMPTS} tries. What was applied before stays; "
            "run migrate again when the shop is quieter."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _only_one(connection: BaseDatabaseWrapper, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock on this very session, so that PostgreSQL frees it should we be killed."""
    deadline = time.monotonic() + WAIT_MINUTES * 60
    if not _ask(connection, "SELECT pg_try_advisory_lock(%s)"):
        say(f"Another migrate is running. Waiting for it, at most {WAIT_MINUTES} minutes.")
        # Polling and not pg_advisory_lock(): a waiting statement holds a snapshot, for which a
        # CREATE INDEX CONCURRENTLY of the running migrate would wait, and both for ever.
        while not _ask(connection, "SELECT pg_try_advisory_lock(%s)"):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Another migrate has been running for {WAIT_MINUTES} minutes. In pg_locks "
                    "its process is the one with locktype 'advisory'."
                )
            time.sleep(POLL_S)
    try:
        yield
    finally:
        if connection.is_usable():  # else the session is gone, and the lock with it
            _ask(connection, "SELECT pg_advisory_unlock(%s)")


@contextmanager
def _patient_statements(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let a statement take its time, but not wait for a lock while the shop waits behind it."""
    with connection.cursor() as cursor:
        for name, value in TIMEOUTS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                for name in TIMEOUTS:
                    cursor.execute(f"RESET {name}")


def _ask(connection: BaseDatabaseWrapper, question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [LOCK_KEY])
        return bool(cursor.fetchone()[0])
