"""What can be done about people: the buttons of their pages. Nobody sets another's password."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
)

from mdv.accounts import services
from mdv.accounts.forms import OwnPasswordForm, check_own_password
from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.admin.actions import Action
from mdv.admin.fields import line_field

MAX_NAME_LENGTH = 150
ROLES = [(role.value, role.value.capitalize()) for role in Role]


def roles_field(**kwargs: Any) -> forms.MultipleChoiceField:
    """Return a field for any number of roles."""
    widget = UnfoldAdminCheckboxSelectMultipleWidget()
    return forms.MultipleChoiceField(choices=ROLES, widget=widget, **kwargs)


class RolesForm(OwnPasswordForm):
    roles = roles_field(required=False, help_text="None at all makes them a customer.")
    shown = forms.MultipleChoiceField(
        choices=ROLES, widget=forms.MultipleHiddenInput, required=False
    )
    field_order = ("roles", "password")


class StaffForm(OwnPasswordForm):
    email = forms.EmailField(label="E-mail", widget=UnfoldAdminEmailInputWidget())
    name = line_field("Name", max_length=MAX_NAME_LENGTH)
    roles = roles_field()
    field_order = ("email", "name", "roles", "password")


def add_staff(request: HttpRequest, nobody: None, filled: dict[str, Any]) -> str:
    roles = [Role(name) for name in filled["roles"]]
    person = services.invite_staff(email=filled["email"], name=filled["name"], roles=roles)
    return f"{person.email} is on staff. A link to choose a password is on its way to them."


def change_roles(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.set_roles(
        user=user,
        roles=[Role(name) for name in filled["roles"]],
        shown=[Role(name) for name in filled["shown"]],
    )
    return f"{user.email} is now {', '.join(filled['roles']) or 'a customer'}."


def send_reset(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.request_password_reset(email=user.email)
    return f"A link to choose a new password is on its way to {user.email}."


def close(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.close_account(user=user)
    return f"The account of {user.email} is closed."


def reopen(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.reopen_account(user=user)
    return f"The account of {user.email} is open again."


def say_what_opens(user: User) -> str:
    """Say as what they come back."""
    return f"They can log in again with the password that they had, as {user.role_label}."


ADD_STAFF = Action(
    name="add-staff",
    label="Add staff",
    right="accounts.add_user",
    form=StaffForm,
    check=check_own_password,
    run=add_staff,
    preview="They get a mail with a link to choose their password. "
    "Customers are not added here: they register themselves.",
)

PERSON_ACTIONS = (
    Action(
        name="send-reset",
        label="Send password link",
        right="accounts.change_user",
        run=send_reset,
        is_open=lambda user: user.is_active,
        preview="They get a mail with a link to choose a new password.",
    ),
    Action(
        name="roles",
        label="Change roles",
        right="accounts.grant_role",
        form=RolesForm,
        initial=lambda user: dict.fromkeys(("roles", "shown"), sorted(user.roles)),
        check=check_own_password,
        run=change_roles,
        preview="A change ends all their log-ins at once.",
    ),
    Action(
        name="close",
        label="Close account",
        right="accounts.close_account",
        run=close,
        is_open=lambda user: user.is_active,
        preview="They are logged out everywhere at once and cannot log in any longer. "
        "Their orders stay as they are. The account can be opened again.",
        is_dangerous=True,
    ),
    Action(
        name="reopen",
        label="Open account again",
        right="accounts.close_account",
        run=reopen,
        is_open=lambda user: not user.is_active,
        preview=say_what_opens,
    ),
)
