"""A shop started by `python -m mdv.ops.local run`, as a process of its own, for the tests."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
OPENING_S = 150
ENDING_S = 60
POLL_S = 0.05


class Shop:
    def __init__(self, folder, *, port=None, **variables):
        self.folder = folder
        self.port = port or free_port()
        self.log = folder.with_name(f"{folder.name}-{self.port}.log")
        self.started_at = time.monotonic()
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mdv.ops.local", "run"],
                cwd=CHECKOUT,
                env=environment(folder, PORT=str(self.port), **variables),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self):
        return self.log.read_text()

    def wait_until_said(self, words):
        wait_until(lambda: words in self.said or self.process.poll() is not None, OPENING_S)
        assert words in self.said, self.said

    def wait_until_open(self):
        self.wait_until_said("The shop is open.")
        return time.monotonic() - self.started_at

    def health(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status
        finally:
            connection.close()

    def tell(self, number):
        """Signal the foreground group, as a terminal does for Ctrl-C."""
        os.killpg(self.process.pid, number)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.tell(number)
        return self.process.wait(ENDING_S)

    def processes(self):
        return processes_on(self.folder)

    def pid_of(self, words):
        (pid,) = [pid for pid, command in self.processes().items() if words in command]
        return pid


def environment(folder, **changes):
    """What a plain shell would give, plus the state folder. Measuring coverage would slow it."""
    ours = {"DATABASE_URL", "REDIS_URL", "MDV_ENV"}
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("COV")
    }
    return {**plain, "MDV_STATE_DIR": str(folder), **changes}


def free_port():
    """A port that nobody has, from below those that the kernel gives to outgoing connections."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as taken:
            if taken.connect_ex(("127.0.0.1", port)) != 0:
                return port


def processes_on(folder):
    """Every live process that works on the folder: by its environment, its place or its words."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = os.readlink(entry / "cwd")  # noqa: PTH115  (a vanished one raises OSError)
            known = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if command and str(folder) in f"{command} {place} {known}":
            found[int(entry.name)] = command
    return found


def sockets_in(folder):
    return [path for path in folder.rglob("*") if path.is_socket()]


def wait_until(happened, seconds):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(POLL_S)
