"""`manage.py seed_demo`: fill an empty shop with demo data, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mdv.kernel import clock
from mdv.kernel.errors import DomainError
from mdv.ops.demo.closing import close_demo_accounts
from mdv.ops.demo.seeding import is_empty, is_seeded, seed_shop
from mdv.ops.reconcile import check_books


class Command(BaseCommand):
    help = "Fill an empty shop with demo data. A shop that has anything of its own is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--close-accounts",
            action="store_true",
            help="Close the demo accounts instead, in production too: nobody can log in as them.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed once, or close the accounts.

        Raises:
            CommandError: seeding in production, closing the only admin's account, or books that
                do not balance afterwards.
        """
        if options["close_accounts"]:
            self._close_accounts()
        elif not settings.MDV_LOCAL:
            raise CommandError("Demo data are for MDV_ENV=local: everybody knows the password.")
        elif is_seeded():
            self._say("The demo data are here already.")
        elif not is_empty():
            self._say("Somebody has set up a shop here, so no demo data were added.")
        else:
            self._seed()

    def _seed(self) -> None:
        at = clock.now()
        seed_shop(at=at, say=self._say)
        if not all(outcome.holds for outcome in check_books(at=at)):
            raise CommandError("The books do not balance: see manage.py reconcile.")
        self._say("The books balance.")

    def _close_accounts(self) -> None:
        try:
            closed = close_demo_accounts()
        except DomainError as refusal:
            raise CommandError(f"{refusal.message} See manage.py create_staff.") from None
        self._say(f"{closed} demo accounts closed.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
