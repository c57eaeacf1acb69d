"""`manage.py seed_demo`: fill an empty shop with demo data, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mdv.kernel import clock
from mdv.ops.demo.seeding import is_empty, is_seeded, seed_shop
from mdv.ops.reconcile import check_books


class Command(BaseCommand):
    help = "Fill an empty shop with demo data. A shop that has anything of its own is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and check the books, or say why not.

        Raises:
            CommandError: in production, or the books do not balance afterwards.
        """
        if not settings.MDV_LOCAL:
            raise CommandError("Demo data are for MDV_ENV=local: everybody knows the passwords.")
        if is_seeded():
            self.stdout.write("The demo data are here already.")
            return
        if not is_empty():
            self.stdout.write("Somebody has set up a shop here. No demo data were added.")
            return
        at = clock.now()
        seed_shop(at=at, say=self._say)
        if not all(outcome.holds for outcome in check_books(at=at)):
            raise CommandError("The books do not balance. See manage.py reconcile.")

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()
