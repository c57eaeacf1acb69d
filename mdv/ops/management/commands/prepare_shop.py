"""`manage.py prepare_shop`: what `make run` does before it opens, in one process."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, then make the demo shop once."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run migrate, then seed_demo. Both say by themselves what is in their way."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("seed_demo")
