"""The web server and the worker, as `make run` runs them, and what is run once before them."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mdv.ops.local import processes
from mdv.ops.local.asked import Asked

CHECKOUT = Path(__file__).resolve().parents[3]
MANAGE = [sys.executable, "manage.py"]

# Run once before the shop opens. It must succeed and may be run again.
PREPARATION = [*MANAGE, "prepare_shop"]

WEB = [sys.executable, "-m", "gunicorn", "mdv.wsgi", "--config", "python:mdv.ops.gunicorn"]
WORKER = [*MANAGE, "procrastinate", "worker"]

SIMULATORS = [sys.executable, "-m", "mdv.ops.simulators"]

STOP_PATIENCE_S = 30  # longer than the 25 s that gunicorn gives to requests in flight
MAX_RESTARTS = 3
POLL_S = 0.05


@dataclass
class Program:
    """One of our processes, restarted a few times when it ends by itself.

    What it says is shown, or appended to ``log``.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    restarts: int = 0
    log: Path | None = None
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it; it ends when we end."""
        self.process = processes.start(
            self.command, environment=self.environment, folder=CHECKOUT, log=self.log
        )

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def how_it_ended(self) -> str:
        """Say it in a few words, for people."""
        code = self.process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{self.name} ended ({how})"

    def stop(self, asked: Asked) -> None:
        """Let it finish what it is doing, unless somebody is in a hurry."""
        if self.has_ended:
            return
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE_S
        while not self.has_ended:
            if asked.in_a_hurry or time.monotonic() > deadline:
                processes.kill(self.process)
                return
            time.sleep(POLL_S)
