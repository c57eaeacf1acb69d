"""PostgreSQL and Redis of our own: wherever the folder is, and whatever was there before."""

import os
import signal
import subprocess
import sys

import dj_database_url
import psycopg
import pytest
from django_redis.pool import ConnectionFactory

from mdv.ops.local import services
from mdv.ops.local.services import Postgres, Redis, ServiceProblem
from tests.ops.shops import CHECKOUT, processes_on, sockets_in, wait_until

pytestmark = pytest.mark.slow

ENDING_S = 30
EXEC = [sys.executable, "-m", "mdv.ops.local", "exec", "--"]


@pytest.mark.parametrize("name", ["plain", "Capital, and more", "very-long-" * 12])
def test_services_start_in_any_folder_and_leave_no_socket(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()

    postgres = Postgres(folder, durable=False)
    redis = Redis(folder)
    try:
        settings = dj_database_url.parse(postgres.url)
        with psycopg.connect(host=settings["HOST"], user="postgres") as session:
            assert session.execute("SHOW fsync").fetchone() == ("off",)
        cache = ConnectionFactory({"SOCKET_CONNECT_TIMEOUT": 10, "SOCKET_TIMEOUT": 10})
        client = cache.connect(redis.url)
        assert client.ping() is True
        client.connection_pool.disconnect()
    finally:
        redis.stop()
        postgres.stop()

    assert processes_on(folder) == {}
    assert sockets_in(folder) == []
    assert not redis.socket.exists()


def test_a_service_that_takes_too_long_to_end_is_killed_and_leaves_no_socket(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "STOP_PATIENCE_S", 0.2)
    postgres, redis = Postgres(tmp_path, durable=False), Redis(tmp_path)
    for service in (postgres, redis):
        os.kill(service.process.pid, signal.SIGSTOP)

    for service in (postgres, redis):
        service.stop()

    assert processes_on(tmp_path) == {}
    assert sockets_in(tmp_path) == []


def test_an_older_postgres_on_the_folder_is_ended_first(tmp_path):
    older = Postgres(tmp_path, durable=True)
    try:
        newer = Postgres(tmp_path, durable=True)

        assert older.process.wait(ENDING_S) == 0
        assert newer.process.poll() is None
        newer.stop()
    finally:
        older.stop()


def test_a_pid_file_that_names_another_program_does_not_keep_postgres_from_starting(tmp_path):
    first = Postgres(tmp_path, durable=True)
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    left = pid_file.read_text()
    first.stop()
    other_program = subprocess.Popen(["sleep", "60"], user=first.server.system_user)  # noqa: S607
    pid_file.write_text(left.replace(str(first.process.pid), str(other_program.pid), 1))

    try:
        Postgres(tmp_path, durable=True).stop()

        assert other_program.poll() is None
    finally:
        other_program.kill()
        other_program.wait()


def test_a_service_that_does_not_start_is_named_with_its_log(tmp_path):
    (tmp_path / "redis.sock").mkdir()

    with pytest.raises(ServiceProblem) as problem:
        Redis(tmp_path)

    assert str(problem.value) == f"redis did not start. Its log: {tmp_path}/redis.log"
    assert processes_on(tmp_path) == {}


def test_exec_gives_a_command_services_and_returns_its_exit_code(tmp_path):
    program = (
        "import os, psycopg, sys; psycopg.connect(os.environ['DATABASE_URL']).close();"
        "print(os.environ['MDV_STATE_DIR'], os.environ['MDV_ENV']); sys.exit(7)"
    )

    ended = subprocess.run(  # noqa: S603  (our own command)
        [*EXEC, sys.executable, "-c", program],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    folder, mode = ended.stdout.split()
    assert (ended.returncode, mode) == (7, "local")
    assert not os.path.exists(folder)  # noqa: PTH110
    assert processes_on(folder) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_exec_ends_with_its_command_when_it_is_told_to(number):
    running = subprocess.Popen(  # noqa: S603  (our own command)
        [*EXEC, "sh", "-c", "echo $MDV_STATE_DIR; exec sleep 60"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    folder = running.stdout.readline().strip()

    os.killpg(running.pid, number)

    assert running.wait(ENDING_S) == 128 + number
    running.stdout.close()
    wait_until(lambda: processes_on(folder) == {}, ENDING_S)
    assert not os.path.exists(folder)  # noqa: PTH110
