"""`manage.py drill` as somebody runs it: what it prints, and that it leaves all as it was."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.ops.shops import CHECKOUT, environment, processes_on, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.alone]

# Waits poll; these only end a test that hangs.
DRILL_S = 1800
BEGUN_S = 900
ENDING_S = 300


@pytest.fixture
def servers():
    """A shop's own database and Redis database, with something in them, on servers of ours."""
    url, name = os.environ["DATABASE_URL"], f"own_{secrets.token_hex(4)}"
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    server = psycopg.connect(url, autocommit=True)
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(own, autocommit=True) as session:
        session.execute("CREATE TABLE takings AS SELECT 1500.00 AS amount")
    cache = redis.Redis.from_url(os.environ["REDIS_URL"])
    cache.set("of-the-shop", "kept")
    yield SimpleNamespace(own=own, server=server, cache=cache)
    cache.delete("of-the-shop")
    cache.close()
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    server.close()


@pytest.fixture
def place(tmp_path):
    """Where the drill keeps its folder, and nothing else."""
    folder = tmp_path / "drill"
    folder.mkdir()
    return folder


def start(servers, place, *options):
    variables = {
        "MDV_ENV": "local",
        "DATABASE_URL": servers.own,
        "REDIS_URL": os.environ["REDIS_URL"],
        "TMPDIR": str(place),
    }
    return subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, "manage.py", "drill", *options],
        cwd=CHECKOUT,
        env=environment(place.with_name("state"), **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def drill_databases(servers):
    found = servers.server.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'mdv_drill%'"
    )
    return [name for (name,) in found]


def used_redis_databases(servers):
    return set(servers.cache.info("keyspace"))


def assert_nothing_is_left(servers, place, redis_before):
    assert list(place.iterdir()) == []
    assert processes_on(place) == {}
    assert drill_databases(servers) == []
    assert used_redis_databases(servers) == redis_before
    assert servers.cache.get("of-the-shop") == b"kept"
    with psycopg.connect(servers.own) as session:
        tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == [("takings",)]
        assert session.execute("SELECT amount FROM takings").fetchall() == [(1500,)]


def test_a_small_drill_with_kills_proves_all_of_it_and_leaves_nothing(servers, place, tmp_path):
    redis_before = used_redis_databases(servers)
    report = tmp_path / "report.json"

    options = ["--attempts=300", "--clients=16", "--kills=3", "--seed=7", f"--json={report}"]
    drill = start(servers, place, *options)
    printed, _ = drill.communicate(timeout=DRILL_S)

    assert drill.returncode == 0, printed
    figures, proofs = json.loads(report.read_text()).values()
    assert figures["attempts"] == sum(figures["fates"].values()) == 300
    assert (figures["clients"], figures["seed"]) == (16, 7)
    assert figures["killed"]["workers"] == 1
    assert figures["killed"]["web processes"] >= 2
    assert figures["fates"].keys() >= {"sold out", "paid", "refund raced", "refunded in full"}
    assert figures["answers"]["409 out_of_stock"] > 0
    assert len(proofs) == 39
    assert re.findall(r"^(ok|FAIL) ", printed, re.MULTILINE) == ["ok"] * 39
    for hot in ("HOT-1", "HOT-2", "HOT-3"):
        assert re.search(rf"^ok   {hot} .*, stock 45\) +45 +45$", printed, re.MULTILINE), printed
    assert "All 39 proofs hold." in printed
    assert_nothing_is_left(servers, place, redis_before)


def test_a_drill_that_is_ended_leaves_nothing_either(servers, place):
    redis_before = used_redis_databases(servers)
    drill = start(servers, place, "--attempts=10000", "--clients=4", "--kills=0")
    try:
        wait_until(lambda: drill.poll() is not None or attempts_made(place), BEGUN_S)
        assert drill.poll() is None, drill.stdout.read()
        assert drill_databases(servers) != []
        assert used_redis_databases(servers) != redis_before
        drill.send_signal(signal.SIGINT)
        printed, _ = drill.communicate(timeout=ENDING_S)
    finally:
        drill.kill()

    assert (drill.returncode, printed.splitlines()[-1]) == (
        130,
        "CommandError: The drill was ended before it proved anything.",
    )
    assert_nothing_is_left(servers, place, redis_before)


def attempts_made(place):
    return any(int(path.read_text() or 0) for path in place.glob("*/progress"))
