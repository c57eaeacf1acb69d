"""`manage.py drill`: prove on a scratch shop that nothing is lost, doubled or oversold."""

import json
import secrets
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mdv.ops.drill.scratch import NoScratch, scratch_folder, scratch_services
from mdv.ops.drill.stage import CannotPlay, Stage, Wanted
from mdv.ops.drill.table import failing, lines_of
from mdv.ops.local.asked import Asked, StopAsked

ATTEMPTS, CLIENTS = 10_000, 64
ATTEMPTS_PER_KILL = 250
FEWEST_KILLS = 3
SEEDS = 1_000_000
STOPPED = 130  # as a shell says of what Ctrl-C ended


class Command(BaseCommand):
    help = (
        "Open a scratch shop beside the real one, which is not touched; let a crowd buy, pay, "
        "cancel and be refunded in it while processes are killed; then compare what it was told "
        "with the database and the providers. Exits with 1 when a proof fails."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--attempts", type=_count, default=ATTEMPTS, help="To buy something.")
        parser.add_argument("--clients", type=_count, default=CLIENTS, help="At the same time.")
        parser.add_argument(
            "--kills", type=int, help="Default: one in 250 attempts, and not fewer than 3."
        )
        parser.add_argument("--seed", type=int, help="To have the same wishes again.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the report there.")
        parser.add_argument(
            "--keep", action="store_true", help="Keep the scratch database and the logs."
        )
        parser.add_argument(
            "--in-production",
            action="store_true",
            help="Play on production's servers: they will be busy with it.",
        )

    def handle(self, *, keep: bool, json: Path | None, **options: Any) -> None:
        """Play and print the table.

        Raises:
            CommandError: 1, a proof fails, or there is nowhere to play; 130, somebody ended it.
        """
        if not settings.MDV_LOCAL and not options["in_production"]:
            raise CommandError(
                "A drill keeps both servers busy. Say --in-production if that is meant."
            )
        wanted = _wanted(options)
        asked = Asked()
        try:
            report = self._play(wanted, asked, keeps=keep)
        except StopAsked:
            raise CommandError(
                "The drill was ended before it proved anything.", returncode=STOPPED
            ) from None
        except (CannotPlay, NoScratch) as problem:
            raise CommandError(str(problem)) from None
        report["figures"] |= {"clients": wanted.clients, "seed": wanted.seed}
        if json is not None:
            _write(report, json)
        for line in lines_of(report):
            self.stdout.write(line)
        self._conclude(report)

    def _play(self, wanted: Wanted, asked: Asked, *, keeps: bool) -> dict[str, Any]:
        with (
            scratch_folder(keeps=keeps) as folder,
            scratch_services(
                settings.ENV.database_url, settings.ENV.redis_url, keeps=keeps
            ) as services,
        ):
            if keeps:
                kept = urlsplit(services["DATABASE_URL"]).path.lstrip("/")
                self.stdout.write(f"Kept: the database {kept} and {folder}")
            self.stdout.write("Opening a scratch shop …")
            self.stdout.flush()
            return Stage(wanted, folder=folder, services=services, asked=asked).play()

    def _conclude(self, report: dict[str, Any]) -> None:
        failed = failing(report)
        if failed:
            raise CommandError(f"{len(failed)} of {len(report['proofs'])} proofs fail.")
        self.stdout.write(f"All {len(report['proofs'])} proofs hold.")


def _wanted(options: dict[str, Any]) -> Wanted:
    attempts, kills, seed = options["attempts"], options["kills"], options["seed"]
    return Wanted(
        attempts=attempts,
        clients=options["clients"],
        kills=max(FEWEST_KILLS, attempts // ATTEMPTS_PER_KILL) if kills is None else kills,
        seed=secrets.randbelow(SEEDS) if seed is None else seed,
    )


def _write(report: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(report, indent=2) + "\n")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("At least 1.")
    return number
