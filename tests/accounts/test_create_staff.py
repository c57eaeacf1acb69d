"""The command that creates the first admin."""

import io

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from mdv.accounts.models import User
from mdv.accounts.roles import Role
from tests.accounts.people import PASSWORD, make_customer


@pytest.fixture
def create(db, monkeypatch):
    def run(*arguments, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        said = io.StringIO()
        call_command("create_staff", *arguments, stdout=said)
        return said.getvalue()

    return run


def test_the_first_admin_can_log_in_and_need_not_change_the_password(create, api):
    said = create("--email", "Boss@Example.com", "--role", "admin", "--name", "The Boss")

    assert said == "boss@example.com can log in now (admin).\n"
    answer = api.log_in("boss@example.com").json()
    assert (answer["user"]["name"], answer["user"]["roles"]) == ("The Boss", ["admin"])
    assert answer["user"]["must_change_password"] is False
    entry = AuditEntry.objects.get(event="staff_created")
    assert (entry.source, entry.command) == ("command", "create_staff")
    assert entry.additional_data == {"roles": ["admin"]}


def test_several_roles_can_be_given(create):
    create("--email", "x@example.com", "--role", "support", "--role", "logistics")

    assert User.objects.get().roles == {Role.SUPPORT, Role.LOGISTICS}


@pytest.mark.parametrize(
    ("email", "role", "password", "said"),
    [
        ("nobody", "admin", PASSWORD, "Enter a valid email address."),
        ("x@example.com", "king", PASSWORD, "invalid choice: 'king'"),
        ("x@example.com", "admin", "heron-58-cu", "A password has at least 12 characters."),
        ("x@example.com", "admin", "", "A password has at least 12 characters."),
        ("ada@example.com", "admin", PASSWORD, "Someone is already registered"),
    ],
)
def test_wrong_input_is_explained_and_creates_nobody(create, email, role, password, said):
    make_customer("ada@example.com")

    with pytest.raises(CommandError, match=said):
        create("--email", email, "--role", role, password=password)

    (only,) = User.objects.all()
    assert (only.email, only.roles) == ("ada@example.com", frozenset())
