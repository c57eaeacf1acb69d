"""Services that live as long as one command, or one run of the tests."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mdv import env
from mdv.ops.local.asked import Asked, StopAsked
from mdv.ops.local.services import Postgres, Redis, Service, ServiceProblem
from mdv.ops.local.speech import say

POLL_S = 0.05
STOP_PATIENCE_S = 10
SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command


@contextmanager
def throw_away() -> Iterator[dict[str, str]]:
    """Run both services in a temporary folder; give the environment that leads to them."""
    folder = Path(tempfile.mkdtemp(prefix="mdv-"))
    started: list[Service] = []
    try:
        postgres = Postgres(folder, durable=False)
        started.append(postgres)
        redis = Redis(folder)
        started.append(redis)
        yield {
            "MDV_ENV": "local",
            "MDV_STATE_DIR": str(folder),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
        }
    finally:
        for service in reversed(started):
            service.stop()
        shutil.rmtree(folder)


def execute(command: Sequence[str]) -> int:
    """Run a command with PostgreSQL and Redis of its own. Return its exit code."""
    asked = Asked()
    try:
        with throw_away() as addresses:
            return _run(command, env.with_own_environment(**addresses), asked)
    except ServiceProblem as problem:
        say(str(problem))
        return 1


def _run(command: Sequence[str], environment: dict[str, str], asked: Asked) -> int:
    # Not in a session of its own: the command may want the terminal.
    child = subprocess.Popen(command, env=environment)  # noqa: S603  (the caller's own command)
    try:
        while child.poll() is None:
            asked.pause(POLL_S)
    except StopAsked:
        if not asked.by_ctrl_c:  # the terminal sends that one to both of us
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
    code = child.wait()
    return code if code >= 0 else SIGNALLED - code
