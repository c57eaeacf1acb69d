"""Creating the first admin, and any member of staff, from a shell."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from mdv.accounts import services
from mdv.accounts.roles import Role
from mdv.kernel import context
from mdv.kernel.context import Context
from mdv.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Create somebody on staff. Asks for the password, or reads it from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--role", required=True, action="append", choices=[role.value for role in Role]
        )
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create them under the rules for everybody.

        Raises:
            CommandError: with what is wrong with the input.
        """
        try:
            validate_email(options["email"])
        except ValidationError as problem:
            raise CommandError(problem.messages[0]) from None
        password = self._ask() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        with context.use(Context(source="command", command="create_staff")):
            try:
                person = services.create_staff(
                    email=options["email"],
                    name=options["name"],
                    password=password,
                    roles=[Role(role) for role in options["role"]],
                )
            except DomainError as problem:
                reasons = [found.message for found in problem.problems] or [problem.message]
                raise CommandError(" ".join(reasons)) from None
        self.stdout.write(f"{person.email} can log in now ({person.role_label}).")

    def _ask(self) -> str:
        password = getpass("Password: ")
        if getpass("Password again: ") != password:
            raise CommandError("The two passwords differ.")
        return password
