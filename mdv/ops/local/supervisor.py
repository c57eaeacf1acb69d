"""What `make run` does: services, migrations, worker and web, and all of it away again."""

import time
from contextlib import ExitStack
from typing import NoReturn

from mdv import env
from mdv.ops.local import reach, state
from mdv.ops.local.asked import Asked, StopAsked
from mdv.ops.local.payments import SimulatedProviders
from mdv.ops.local.programs import MAX_RESTARTS, PREPARATION, WEB, WORKER, Program
from mdv.ops.local.services import Postgres, Redis, Service, ServiceProblem
from mdv.ops.local.speech import say, where_to_look

HEALTH_PATIENCE_S = 60
PORT_PATIENCE_S = 5  # a shop that was killed a moment ago may still be leaving
WATCH_EVERY_S = 0.5
POLL_S = 0.1
RESTART_AFTER_S = 1


class CannotRun(Exception):
    """The shop cannot run, or not any longer. The text is the one line that people see."""


class Supervisor:
    """One shop on one state folder."""

    def __init__(self, run: env.LocalRun) -> None:
        self.run_settings = run
        self.asked = Asked()
        self.services: list[Service] = []
        self.programs: list[Program] = []
        self.providers = None if run.has_gateway_keys else SimulatedProviders(shop_port=run.port)

    def run(self) -> int:
        """Run the shop until somebody asks to end it. Return the exit code."""
        ending = ExitStack()
        try:
            self._open(ending)
            self._watch()
        except StopAsked:
            say("Closing the shop …")
            return 0
        except (CannotRun, ServiceProblem, state.InUse) as problem:
            say(str(problem))
            return 1
        finally:
            ending.close()

    def _open(self, ending: ExitStack) -> None:
        run = self.run_settings
        run.state_dir.mkdir(parents=True, exist_ok=True)
        ending.enter_context(state.locked(run.state_dir))
        self._need_free_port()
        environment = self._start_services(ending)
        self._prepare(PREPARATION, environment)
        say("Opening the shop …")
        for name, command in self._commands():
            program = Program(name, command, environment)
            program.start()
            ending.callback(program.stop, self.asked)
            self.programs.append(program)
        self._wait_for_health()
        say(where_to_look(run.port, simulates_payments=self.providers is not None))

    def _commands(self) -> list[tuple[str, list[str]]]:
        commands = [("worker", WORKER), ("web", WEB)]
        if self.providers:
            commands.insert(0, ("simulated payment providers", self.providers.command))
        return commands

    def _start_services(self, ending: ExitStack) -> dict[str, str]:
        run = self.run_settings
        addresses = {"DATABASE_URL": run.database_url, "REDIS_URL": run.redis_url}
        if not run.database_url:
            say("Starting PostgreSQL …")
            postgres = Postgres(run.state_dir, durable=True)
            ending.callback(postgres.stop)
            self.services.append(postgres)
            addresses["DATABASE_URL"] = postgres.url
        if not run.redis_url:
            say("Starting Redis …")
            redis = Redis(run.state_dir)
            ending.callback(redis.stop)
            self.services.append(redis)
            addresses["REDIS_URL"] = redis.url
        if self.providers:
            addresses |= self.providers.variables
        ending.enter_context(state.addresses_left(run.state_dir, addresses))
        return env.with_own_environment(
            MDV_ENV="local", MDV_STATE_DIR=str(run.state_dir), **addresses
        )

    def _prepare(self, command: list[str], environment: dict[str, str]) -> None:
        step = Program(" ".join(command[1:]), command, environment)
        say(f"Running {step.name} …")
        step.start()
        try:
            while not step.has_ended:
                self.asked.pause(POLL_S)
        finally:
            step.stop(self.asked)
        if step.process.returncode != 0:
            raise CannotRun(f"{step.how_it_ended()}, so the shop does not open.")

    def _need_free_port(self) -> None:
        deadline = time.monotonic() + PORT_PATIENCE_S
        while reach.is_taken(self.run_settings.port):
            if time.monotonic() > deadline:
                port = self.run_settings.port
                raise CannotRun(f"Port {port} is taken. Choose another: PORT={port + 1} make run")
            self.asked.pause(WATCH_EVERY_S)

    def _wait_for_health(self) -> None:
        deadline = time.monotonic() + HEALTH_PATIENCE_S
        while not reach.is_healthy(self.run_settings.port):
            for program in self.programs:
                if program.has_ended:
                    raise CannotRun(f"{program.how_it_ended()} before the shop was open.")
            if time.monotonic() > deadline:
                raise CannotRun(f"/health did not answer 200 within {HEALTH_PATIENCE_S} s.")
            self.asked.pause(POLL_S)

    def _watch(self) -> NoReturn:
        while True:
            self.asked.pause(WATCH_EVERY_S)
            for service in self.services:
                if service.process.poll() is not None:
                    raise CannotRun(f"{service.name} ended. Its log: {service.log}")
            for program in self.programs:
                if program.has_ended:
                    self._restart(program)

    def _restart(self, program: Program) -> None:
        if program.restarts == MAX_RESTARTS:
            raise CannotRun(
                f"{program.how_it_ended()} once more; that was {MAX_RESTARTS} restarts."
            )
        program.restarts += 1
        say(f"{program.how_it_ended()}; restart {program.restarts} of {MAX_RESTARTS}.")
        self.asked.pause(RESTART_AFTER_S)
        program.start()
