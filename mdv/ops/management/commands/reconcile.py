"""`manage.py reconcile`: print every invariant and whether it holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mdv.kernel import clock
from mdv.ops.reconcile import check_books


class Command(BaseCommand):
    help = "Check the books. Exits with 1 when an invariant does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = check_books(at=clock.now())
        for outcome in outcomes:
            word = "ok  " if outcome.holds else "FAIL"
            self.stdout.write(f"{word} {outcome.invariant.number:>2} {outcome.invariant.sentence}")
            for what, problem in outcome.rows:
                self.stdout.write(f"        {what}: {problem}")
        failed = sum(not outcome.holds for outcome in outcomes)
        if failed:
            raise CommandError(f"{failed} of {len(outcomes)} invariants do not hold.", returncode=1)
        self.stdout.write(f"The books balance: {len(outcomes)} invariants hold.")
