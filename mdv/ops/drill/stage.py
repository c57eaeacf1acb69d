"""The processes of a drill: those of the scratch shop, and the crowd's."""

import json
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mdv import env
from mdv.ops.drill.killing import Killer
from mdv.ops.drill.playing import JOURNAL, PROGRESS, REPORT
from mdv.ops.local import processes, reach
from mdv.ops.local.asked import Asked
from mdv.ops.local.payments import SimulatedProviders
from mdv.ops.local.programs import MANAGE, WEB, WORKER, Program

CROWD = [sys.executable, "-m", "mdv.ops.drill"]
OPENING_S = 300  # on a machine that does much else
POLL_S = 0.1
LAST_LINES = 20
# Far above what any drill reaches: the limits count, and stop nobody.
NO_LIMIT = "1000000/m"


class CannotPlay(Exception):
    """The scratch shop does not open or does not stay open. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How large a drill is to be. The same seed has the same customers want the same."""

    attempts: int
    clients: int
    kills: int
    seed: int


class Stage:
    """A scratch shop on given services, open as long as the drill lasts."""

    def __init__(
        self, wanted: Wanted, *, folder: Path, services: Mapping[str, str], asked: Asked
    ) -> None:
        self.wanted = wanted
        self.folder = folder
        self.asked = asked
        self.port = reach.free_port()
        self.providers = SimulatedProviders(shop_port=self.port)
        self.environment = env.with_bare_environment(
            MDV_ENV="local",
            MDV_STATE_DIR=str(folder),
            PORT=str(self.port),
            DJANGO_SETTINGS_MODULE="mdv.settings",
            **{f"RATE_LIMIT_{scope.upper()}": NO_LIMIT for scope in env.DEFAULT_RATES},
            **services,
            **self.providers.variables,
        )

    def play(self) -> dict[str, Any]:
        """Open the shop, let the crowd in, kill now and then, and return the report.

        Raises:
            StopAsked: somebody asked to end.
            CannotPlay: something does not run.
        """
        with ExitStack() as ending:
            self._finish(self._start(ending, "migrate", [*MANAGE, "migrate", "--no-input"]))
            journal = f"--journal={self.folder / JOURNAL}"
            simulators = self._start(ending, "simulators", [*self.providers.command, journal])
            worker = self._start(ending, "worker", WORKER)
            web = self._start(ending, "web", WEB)
            self._wait_until_open(web)
            killer = Killer(
                kills=self.wanted.kills,
                attempts=self.wanted.attempts,
                seed=self.wanted.seed,
                web=web,
                worker=worker,
            )
            crowd = self._start(ending, "crowd", self._crowd())
            while not crowd.has_ended:
                self.asked.pause(POLL_S)
                killer.look_on(self._progress())
                if worker.has_ended:
                    worker.start()
                for program in (simulators, web):
                    self._must_run(program)
            self._finish(crowd)
        report: dict[str, Any] = json.loads((self.folder / REPORT).read_text())
        report["figures"]["killed"] = dict(killer.killed)
        return report

    def _crowd(self) -> list[str]:
        return [
            *CROWD,
            f"--attempts={self.wanted.attempts}",
            f"--clients={self.wanted.clients}",
            f"--seed={self.wanted.seed}",
            f"--shop=http://{reach.HOST}:{self.port}",
            f"--providers={self.providers.url}",
            f"--folder={self.folder}",
        ]

    def _start(self, ending: ExitStack, name: str, command: list[str]) -> Program:
        """Start a program that ends with the stage, without any ceremony: nothing of it is kept."""
        program = Program(name, command, self.environment, log=self.folder / f"{name}.log")
        program.start()
        ending.callback(lambda: processes.kill(program.process))
        return program

    def _finish(self, program: Program) -> None:
        while not program.has_ended:
            self.asked.pause(POLL_S)
        if program.process.returncode:
            raise CannotPlay(self._how_it_ended(program))

    def _must_run(self, program: Program) -> None:
        if program.has_ended:
            raise CannotPlay(self._how_it_ended(program))

    def _how_it_ended(self, program: Program) -> str:
        said = (self.folder / f"{program.name}.log").read_text().splitlines()[-LAST_LINES:]
        return "\n".join([f"{program.how_it_ended()}. It said:", *said])

    def _wait_until_open(self, web: Program) -> None:
        deadline = time.monotonic() + OPENING_S
        while not reach.is_healthy(self.port):
            self._must_run(web)
            if time.monotonic() > deadline:
                raise CannotPlay(f"The scratch shop was not well within {OPENING_S} s.")
            self.asked.pause(POLL_S)

    def _progress(self) -> int:
        """Return how many attempts are over; the file may be there and not yet written."""
        path = self.folder / PROGRESS
        return int(path.read_text() or 0) if path.exists() else 0
