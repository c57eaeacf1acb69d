import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import AuditEntry
from mdv.accounts.models import User
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from tests.audit.sealing import empty_trail, seal_all, write

ADA = Actor(kind="user", id=7, role="admin", label="ada@example.com")


@pytest.fixture
def from_ada():
    """Everything in this test is done by Ada, in one request."""
    with context.use(
        Context(
            source="api",
            actor=ADA,
            request_id="request-of-ada",
            address="198.51.100.7",
            user_agent="curl/8",
        )
    ) as used:
        yield used


@pytest.fixture
def customer(entries):
    user = User.objects.create(email="eve@example.com", name="Eve", phone="0801")
    entries.forget_earlier_ones()
    return user


@pytest.fixture
def entries(db):
    """The trail since the test began, oldest first."""
    trail = Entries()
    trail.forget_earlier_ones()
    return trail


class Entries:
    def __init__(self):
        self.since = 0

    def forget_earlier_ones(self):
        self.since = max((entry.id for entry in self), default=self.since)

    def __iter__(self):
        return iter(AuditEntry.objects.filter(id__gt=self.since).order_by("id"))

    def only(self):
        (entry,) = self
        return entry

    def changes(self):
        return [entry.changes for entry in self]

    def none(self):
        return not list(self)


@pytest.fixture
def outside():
    """A program of somebody else's: a plain connection, past Django."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], dbname=settings["NAME"], user=settings["USER"], autocommit=True
    ) as elsewhere:
        yield elsewhere


@pytest.fixture
def sealed(transactional_db):
    """Ten sealed entries; their ids."""
    empty_trail()
    ids = write(10)
    seal_all()
    return ids


@pytest.fixture
def verify(capsys):
    """Run the command as from a shell; return its exit code and the lines that it printed."""

    def run(*arguments):
        capsys.readouterr()
        try:
            call_command("verify_audit", *arguments)
        except CommandError as refusal:
            return refusal.returncode, capsys.readouterr().out.splitlines()
        return 0, capsys.readouterr().out.splitlines()

    return run
