"""/health: a word for everybody, figures for staff, all of it measured at the call."""

import socket
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as shop
from django.db import connection
from django.test import override_settings

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops import health
from mdv.ops.local.services import Redis
from mdv.ops.models import BooksCheck
from tests.accounts.people import make_customer, make_staff
from tests.caches import cache_at
from tests.catalog.clients import logged_in

pytestmark = pytest.mark.django_db

EVERYBODY = {"status"}
LONGEST_S = 1.0


@pytest.fixture
def worker(db):
    """A worker that gave a sign of life a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


@pytest.fixture
def as_auditor(db):
    """Headers of somebody on the staff."""
    return logged_in(Role.AUDITOR).headers


@contextmanager
def redis_at(url):
    with override_settings(CACHES=cache_at(url)):
        yield


@contextmanager
def database_at(host):
    """Let the database be somewhere else, as if it had moved away."""
    settings = connection.settings_dict
    before = settings["HOST"]
    connection.close()
    settings["HOST"] = host
    try:
        yield
    finally:
        connection.close()
        settings["HOST"] = before


def ask(client, **headers):
    response = client.get("/health", headers=headers)
    return response.status_code, response.json()["status"], response.json()["checks"]


def status_of(client, name, **headers):
    status_code, overall, checks = ask(client, **headers)
    assert status_code == 200
    return overall, checks[name]["status"]


@pytest.mark.usefixtures("worker")
class TestWell:
    def test_a_shop_where_all_is_well_is_healthy(self, client):
        before = clock.now()
        response = client.get("/health")

        assert response.status_code == 200
        body = response.json()
        assert body.pop("timestamp") >= before.isoformat()
        assert body == {
            "status": "healthy",
            "version": shop.VERSION,
            "checks": {
                "database": {"status": "ok"},
                "redis": {"status": "ok"},
                "connections": {"status": "ok"},
                "worker": {"status": "ok"},
                "books": {"status": "not_checked"},
            },
        }

    def test_staff_with_a_token_see_the_figures(self, client, as_auditor):
        checked_at = clock.now()
        BooksCheck.objects.create(checked_at=checked_at)

        status_code, overall, checks = ask(client, **as_auditor)

        assert (status_code, overall) == (200, "healthy")
        assert 0 < checks["database"].pop("latency_ms") < health.WARNING_LATENCY_MS
        connections = checks.pop("connections")
        assert checks == {
            "database": {"status": "ok"},
            "redis": {"status": "ok"},
            "worker": {"status": "ok", "alive": 1, "oldest_job_s": None},
            "books": {"status": "ok", "checked_at": checked_at.isoformat()},
        }
        assert set(connections) == {"status", "size", "in_use", "utilization_percent"}

    def test_staff_with_a_session_see_the_figures(self, client):
        client.force_login(make_staff(Role.SUPPORT))

        assert "latency_ms" in ask(client)[2]["database"]

    @pytest.mark.parametrize("who", ["customer", "stranger", "nonsense", "new password needed"])
    def test_nobody_else_does(self, client, who, as_auditor):
        headers = {
            "customer": {},
            "stranger": {},
            "nonsense": {"Authorization": "Bearer nonsense"},
            "new password needed": as_auditor,
        }[who]
        if who == "customer":
            client.force_login(make_customer())
        if who == "new password needed":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE accounts_user SET must_change_password = true")

        status_code, _, checks = ask(client, **headers)

        assert status_code == 200
        assert [set(figures) for figures in checks.values()] == [EVERYBODY] * 5


@pytest.mark.usefixtures("worker")
class TestFigures:
    @pytest.mark.parametrize(
        ("value", "status"), [(99.9, "ok"), (100, "warning"), (499.9, "warning"), (500, "critical")]
    )
    def test_a_figure_is_graded_by_its_thresholds(self, value, status):
        limits = health.WARNING_LATENCY_MS, health.CRITICAL_LATENCY_MS

        assert health._graded(value, *limits) == status  # noqa: SLF001

    # PostgreSQL shows one transaction the same sessions all the time.
    @pytest.mark.django_db(transaction=True)
    def test_connections_are_counted_at_the_call(self, client, as_auditor):
        before = ask(client, **as_auditor)[2]["connections"]
        database = connection.settings_dict
        address = {"host": database["HOST"], "user": database["USER"], "dbname": database["NAME"]}
        with psycopg.connect(**address), psycopg.connect(**address):
            after = ask(client, **as_auditor)[2]["connections"]

        assert after["in_use"] == before["in_use"] + 2
        assert after["size"] == before["size"] > 2
        assert after["utilization_percent"] == round(100 * after["in_use"] / after["size"], 1)

    def test_a_role_that_may_not_look_into_others_sessions_counts_them_all_the_same(
        self, client, as_auditor
    ):
        database = connection.settings_dict
        address = {"host": database["HOST"], "user": database["USER"], "dbname": database["NAME"]}
        with psycopg.connect(**address), connection.cursor() as cursor:
            everything = ask(client, **as_auditor)[2]["connections"]["in_use"]
            cursor.execute("CREATE ROLE plain")
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
            cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain")
            cursor.execute("SET ROLE plain")
            as_plain = ask(client, **as_auditor)[2]["connections"]["in_use"]
            cursor.execute("RESET ROLE")

        assert as_plain == everything >= 2

    @pytest.mark.parametrize(
        ("threshold", "check"),
        [("WARNING_LATENCY_MS", "database"), ("WARNING_UTILIZATION", "connections")],
    )
    def test_what_is_slow_or_nearly_full_degrades(self, client, monkeypatch, threshold, check):
        monkeypatch.setattr(health, threshold, 0)

        assert status_of(client, check) == ("degraded", "warning")

    @pytest.mark.parametrize(
        ("threshold", "check"),
        [("CRITICAL_LATENCY_MS", "database"), ("CRITICAL_UTILIZATION", "connections")],
    )
    def test_what_is_much_too_slow_or_full_is_critical_and_says_no_figures(
        self, client, monkeypatch, as_auditor, threshold, check
    ):
        monkeypatch.setattr(health, threshold, 0)

        status_code, overall, checks = ask(client, **as_auditor)

        assert (status_code, overall, checks[check]) == (503, "critical", {"status": "critical"})


class TestRedis:
    @pytest.mark.parametrize("how", ["refusing", "no socket", "deaf"])
    def test_without_redis_the_shop_is_degraded_and_nobody_waits(self, client, worker, how):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            url = {
                "refusing": "redis://127.0.0.1:9/0",
                "no socket": "unix:///nowhere/redis.sock?db=0",
                "deaf": f"redis://127.0.0.1:{deaf.getsockname()[1]}/0",
            }[how]
            started = clock.now()
            with redis_at(url):
                found = status_of(client, "redis")

        assert found == ("degraded", "down")
        assert clock.now() - started < timedelta(seconds=LONGEST_S)

    @pytest.mark.parametrize(
        "command", [["REPLICAOF", "127.0.0.1", "9"], ["CONFIG", "SET", "maxmemory", "1"]]
    )
    def test_one_that_cannot_be_written_counts_as_down(self, client, worker, tmp_path, command):
        redis = Redis(tmp_path)
        try:
            with socket.socket(socket.AF_UNIX) as session:
                session.connect(str(redis.socket))
                session.sendall(" ".join(command).encode() + b"\r\n")
                assert session.recv(64) == b"+OK\r\n"
            with redis_at(redis.url):
                found = status_of(client, "redis")
        finally:
            redis.stop()

        assert found == ("degraded", "down")


class TestWorker:
    def test_without_a_worker_the_shop_is_degraded(self, client):
        assert status_of(client, "worker") == ("degraded", "down")

    @pytest.mark.parametrize(("waited_s", "status"), [(290, "ok"), (310, "warning")])
    def test_one_that_is_far_behind_is_a_warning(self, client, worker, waited_s, status):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) "
                "VALUES ('default', 'tests.late', now() - make_interval(secs => %s))",
                [waited_s],
            )

        assert status_of(client, "worker")[1] == status


@pytest.mark.usefixtures("worker")
class TestBooks:
    @pytest.mark.parametrize(
        ("age", "found", "overall", "status"),
        [
            (timedelta(hours=47), "ok", "healthy", "ok"),
            (timedelta(hours=49), "ok", "degraded", "overdue"),
            (timedelta(hours=49), "ageing", "degraded", "overdue"),
            (timedelta(hours=49), "unbalanced", "degraded", "unbalanced"),
            (timedelta(0), "ageing", "degraded", "ageing"),
            (timedelta(0), "unbalanced", "degraded", "unbalanced"),
        ],
    )
    def test_they_are_as_the_last_check_found_them(self, client, age, found, overall, status):
        now = clock.now()
        BooksCheck.objects.create(checked_at=now - age - timedelta(days=9), status="unbalanced")
        BooksCheck.objects.create(checked_at=now - age, status=found)

        assert status_of(client, "books") == (overall, status)


@pytest.mark.django_db(transaction=True)
class TestWithoutDatabase:
    def test_health_is_critical_and_readiness_says_why(self, client):
        with database_at("/nowhere"):
            status_code, overall, checks = ask(client)
            ready = client.get("/health/ready")

        assert (status_code, overall) == (503, "critical")
        assert checks == {"database": {"status": "critical"}, "redis": {"status": "ok"}}
        assert (ready.status_code, ready.json()["reason"]) == (503, "database")
        assert client.get("/health/ready").status_code == 200

    def test_the_process_is_alive_and_asks_nobody(self, client):
        with database_at("/nowhere"), redis_at("unix:///nowhere?db=0"):
            response = client.get("/health/live")

        assert (response.status_code, response.json()) == (200, {"status": "alive"})

    def test_a_check_that_cannot_be_made_is_unknown(self, client):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE procrastinate_workers RENAME TO elsewhere")
            found = status_of(client, "worker")
            cursor.execute("ALTER TABLE elsewhere RENAME TO procrastinate_workers")

        assert found == ("degraded", "unknown")
