"""`manage.py verify_audit`: prove that the trail is as it was written."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import Head, verify_trail

HEAD = re.compile(r"([1-9]\d{0,17}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Check every seal of the audit trail. Exits with 1 and names what was touched first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            type=head,
            action="append",
            default=[],
            metavar="SEQ:MAC",
            help="a head that was noted outside the database, such as by the log's audit_sealed; "
            "without one nobody can tell whether the end was cut off. May be repeated.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_trail(noted=options["head"])
        for problem in verdict.problems:
            self.stdout.write(str(problem))
        more = verdict.count - len(verdict.problems)
        if more:
            self.stdout.write(f"and {more} more")
        if verdict.count:
            raise CommandError("The trail is not as it was written.", returncode=1)
        self.stdout.write(
            f"The trail is as it was written: {verdict.sealed} entries sealed, "
            f"{verdict.waiting} waiting."
        )
        if verdict.head:
            self.stdout.write(f"Head: {verdict.head}")


def head(text: str) -> Head:
    """Return what was noted.

    Raises:
        ArgumentTypeError: it does not look like one.
    """
    found = HEAD.fullmatch(text)
    if not found:
        raise ArgumentTypeError(f"a head looks like 17:<64 hexadecimal digits>, not {text!r}")
    return Head(int(found[1]), found[2])
