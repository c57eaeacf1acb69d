"""`manage.py reconcile`: print every invariant and whether it holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mdv.kernel import clock
from mdv.ops.reconcile import Outcome, check_books

ASKED_BY = "manage.py reconcile"


class Command(BaseCommand):
    help = "Check the books. Exits with 1 when an invariant does not hold; not for what only waits."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = check_books(at=clock.now(), asked_by=ASKED_BY)
        for outcome in outcomes:
            sentence = outcome.invariant.sentence
            self.stdout.write(f"{_word(outcome)} {outcome.invariant.number:>2} {sentence}")
            for row in outcome.rows:
                self.stdout.write(f"        {row.what}: {row.problem}")
            more = outcome.count - len(outcome.rows)
            if more:
                self.stdout.write(f"        and {more} more")
        wrong = sum(outcome.is_red for outcome in outcomes)
        waiting = sum(not outcome.holds for outcome in outcomes) - wrong
        if wrong:
            raise CommandError(f"{wrong} of {len(outcomes)} invariants do not hold.", returncode=1)
        held = f"The books balance: {len(outcomes) - waiting} invariants hold"
        self.stdout.write(f"{held}, {waiting} waits for somebody." if waiting else f"{held}.")


def _word(outcome: Outcome) -> str:
    if outcome.holds:
        return "ok   "
    return "FAIL " if outcome.is_red else "AMBER"
