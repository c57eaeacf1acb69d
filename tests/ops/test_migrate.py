"""migrate: one at a time, and never in the way of the running shop."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as DjangosMigrate
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from mdv.ops.management.commands import migrate
from tests.migrated import TEMPLATE
from tests.ops.databases import database

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 60


@pytest.fixture
def empty_database():
    with database("empty") as url:
        yield url


@pytest.fixture
def migrated_database():
    with database("upgraded", template=TEMPLATE) as url:
        yield url


def start_migrate(url, *arguments):
    return subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, "manage.py", "migrate", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )


def read_until(process, words):
    """What the process says, up to the line with the words."""
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return "".join(said)
    pytest.fail(f"{words!r} was not said, but: {''.join(said)}")


def tables(url):
    with psycopg.connect(url) as session:
        rows = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows}


@contextmanager
def lock_held_by_another(url):
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK_KEY])
        yield
        session.execute("SELECT pg_advisory_unlock(%s)", [migrate.LOCK_KEY])


def lock_is_free(url):
    with psycopg.connect(url) as session:
        row = session.execute("SELECT pg_try_advisory_lock(%s)", [migrate.LOCK_KEY]).fetchone()
        return row[0]


@pytest.fixture
def test_database_url(db):
    return os.environ["DATABASE_URL"].removesuffix("postgres") + connection.settings_dict["NAME"]


@pytest.mark.slow
def test_of_two_migrates_at_once_the_second_waits_and_applies_nothing(empty_database):
    first = start_migrate(empty_database)
    first_said = read_until(first, "Applying ")
    first.send_signal(signal.SIGSTOP)  # so that it is still at work when the second begins
    second = start_migrate(empty_database)
    second_said = read_until(second, "Another migrate is running.")

    first.send_signal(signal.SIGCONT)
    first_said += first.communicate(timeout=PATIENCE_S)[0]
    second_said += second.communicate(timeout=PATIENCE_S)[0]

    assert (first.returncode, second.returncode) == (0, 0)
    assert "Applying sessions.0001_initial... OK" in first_said
    assert second_said.startswith("Another migrate is running. Waiting for it, at most 15 minutes.")
    assert "No migrations to apply." in second_said
    assert "Applying" not in second_said


@pytest.mark.slow
def test_while_the_lock_is_held_nothing_is_applied_and_afterwards_everything_is(empty_database):
    with lock_held_by_another(empty_database):
        waiting = start_migrate(empty_database)
        said = read_until(waiting, "Another migrate is running.")
        time.sleep(2 * migrate.POLL_S)

        assert waiting.poll() is None
        assert tables(empty_database) == set()

    said += waiting.communicate(timeout=PATIENCE_S)[0]
    assert waiting.returncode == 0
    assert said.count("Another migrate is running.") == 1
    assert "django_session" in tables(empty_database)


@pytest.mark.slow
def test_a_table_in_use_makes_migrate_give_way_and_try_again(migrated_database):
    with psycopg.connect(migrated_database) as shop:
        shop.execute("LOCK TABLE django_session IN ACCESS SHARE MODE")
        upgrade = start_migrate(migrated_database, "sessions", "zero")
        said = read_until(upgrade, "A table was in use")

    said += upgrade.communicate(timeout=PATIENCE_S)[0]
    assert upgrade.returncode == 0
    assert said.count("A table was in use for 2s (try 1 of 10).") == 1
    assert "django_session" not in tables(migrated_database)


@pytest.mark.slow
def test_a_killed_migrate_does_not_keep_the_lock(empty_database):
    killed = start_migrate(empty_database)
    read_until(killed, "Applying ")

    killed.kill()
    killed.communicate()

    deadline = time.monotonic() + PATIENCE_S
    while not lock_is_free(empty_database):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_gives_up_after_the_named_minutes_and_says_where_to_look(test_database_url, monkeypatch):
    monkeypatch.setattr(migrate, "WAIT_MINUTES", 0)

    with (
        lock_held_by_another(test_database_url),
        pytest.raises(CommandError, match=r"^Another migrate has been running for 0 minutes\."),
    ):
        call_command("migrate", verbosity=0)


def test_looking_at_the_plan_waits_for_nobody(test_database_url, capsys):
    with lock_held_by_another(test_database_url):
        call_command("migrate", plan=True)
        call_command("migrate", check_unapplied=True)

    assert "No planned migration operations." in capsys.readouterr().out


def test_inside_statements_take_their_time_and_afterwards_all_is_as_before(
    test_database_url, monkeypatch
):
    names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
    inside = {}

    def look(*args, **options):
        inside.update(shown(names))

    monkeypatch.setattr(DjangosMigrate, "handle", look)
    before = shown(names)

    call_command("migrate")

    assert list(inside.values()) == ["2s", "0", "0"]
    assert shown(names) == before
    assert before["statement_timeout"] == "5s"
    assert lock_is_free(test_database_url)


def test_after_a_failure_the_lock_is_free(test_database_url, monkeypatch):
    def fail(*args, **options):
        raise CommandError("the migration is wrong")

    monkeypatch.setattr(DjangosMigrate, "handle", fail)

    with pytest.raises(CommandError, match=r"^the migration is wrong$"):
        call_command("migrate")

    assert lock_is_free(test_database_url)


def test_it_gives_up_when_the_shop_never_lets_go(test_database_url, monkeypatch, capsys):
    def meet_a_table_in_use(*args, **options):
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(DjangosMigrate, "handle", meet_a_table_in_use)
    monkeypatch.setattr(migrate, "PAUSE_S", 0)
    monkeypatch.setattr(migrate, "ATTEMPTS", 3)

    with pytest.raises(CommandError, match=r"^A table was in use at each of 3 tries\."):
        call_command("migrate")

    said = capsys.readouterr().out
    assert said.count("A table was in use for 2s (try ") == 3


def shown(names):
    with connection.cursor() as cursor:
        values = {}
        for name in names:
            cursor.execute(f"SHOW {name}")
            values[name] = cursor.fetchone()[0]
        return values
