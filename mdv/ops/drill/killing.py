"""Killing web processes and the worker of a drill, spread over it, without a word (kill -9)."""

import os
import random
import signal
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path

from mdv.ops.local.programs import Program

PROC = Path("/proc")
# In turn: one web process, the worker, all web processes.
VICTIMS = ("one web process", "the worker", "all web processes")


class Killer:
    """Kills ``kills`` times, evenly spread over the attempts."""

    def __init__(
        self, *, kills: int, attempts: int, seed: int, web: Program, worker: Program
    ) -> None:
        self.marks = [attempts * number // (kills + 1) for number in range(1, kills + 1)]
        self.luck = random.Random(seed)  # noqa: S311 (to be repeated, not to be secret)
        self.web = web
        self.worker = worker
        self.killed: Counter[str] = Counter()
        self.times = 0

    def look_on(self, attempts: int) -> None:
        """Kill, if after so many attempts it is time."""
        while self.times < len(self.marks) and attempts >= self.marks[self.times]:
            self._kill(VICTIMS[self.times % len(VICTIMS)])
            self.times += 1

    def _kill(self, victim: str) -> None:
        if victim == "the worker":
            self.worker.process.kill()
            self.killed["workers"] += 1
            return
        serving = children_of(self.web.process.pid)
        if victim == "one web process" and serving:
            serving = [self.luck.choice(serving)]
        for process in serving:
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(process, signal.SIGKILL)
                self.killed["web processes"] += 1


def children_of(parent: int) -> list[int]:
    """List the processes that a process started."""
    return [child for child, its_parent in _processes() if its_parent == parent]


def _processes() -> list[tuple[int, int]]:
    """List all processes with their parents; not every system has /proc, nor every image ps."""
    if not PROC.is_dir():
        told = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 (wherever it is)
            capture_output=True,
            text=True,
            check=True,
        )
        return [(int(pid), int(parent)) for pid, parent in map(str.split, told.stdout.splitlines())]
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                found.append((int(entry.name), _parent_in(entry / "stat")))
    return found


def _parent_in(stat: Path) -> int:
    """Read the parent: the second word after the name, which may contain anything in brackets."""
    return int(stat.read_text().rpartition(")")[2].split()[1])
