"""People in the back office: customers and colleagues. Nobody sets another's password."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget

from mdv.accounts import services
from mdv.accounts.models import RoleGrant, User
from mdv.accounts.roles import Role
from mdv.admin.actions import Action
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.forms import ComparedForm
from mdv.kernel.errors import FieldProblem, Invalid

STAFF = "staff"


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.value.capitalize()) for role in Role],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        required=False,
        help_text="None at all makes them a customer.",
    )
    password = forms.CharField(
        label="Your own password", widget=UnfoldAdminPasswordWidget(), strip=False
    )


class ProfileForm(ComparedForm):
    class Meta:
        model = User
        fields = ("name", "phone")


def check_own_password(request: HttpRequest, user: User, filled: dict[str, Any]) -> None:
    """Ask for the password again, with the limits and records of a log-in."""
    own = cast("User", request.user)
    try:
        services.check_credentials(email=own.email, password=filled["password"])
    except services.InvalidCredentials:
        problem = FieldProblem("password", "wrong_password", "This is not your password.")
        raise Invalid(problems=[problem]) from None


def change_roles(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.set_roles(user=user, roles=[Role(name) for name in filled["roles"]])
    return f"{user.email} is now {', '.join(filled['roles']) or 'a customer'}."


def send_reset(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.request_password_reset(email=user.email)
    return f"A link to choose a new password is on its way to {user.email}."


class RoleFilter(KnownFilter):
    title = "role"
    parameter_name = "role"
    choices_known = [
        (STAFF, "All staff"),
        *((role.value, role.value.capitalize()) for role in Role),
    ]

    def narrow(self, queryset: Any, value: str) -> Any:
        grants = RoleGrant.objects.all()
        if value != STAFF:
            grants = grants.filter(group__name=value)
        return queryset.filter(pk__in=grants.values("user"))


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    form = ProfileForm
    list_display = ("email", "name", "phone", "shown_roles", "is_active", "date_joined")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("email__startswith", "name__istartswith", "phone__startswith")
    search_help_text = "Beginning of e-mail, name or phone"
    ordering = ("-id",)
    fields = ("email", "name", "phone", "shown_roles", "is_active", "date_joined", "last_login")
    readonly_fields = ("email", "shown_roles", "is_active", "date_joined", "last_login")
    object_actions = (
        Action(
            name="send-reset",
            label="Send password link",
            right="accounts.change_user",
            run=send_reset,
            preview="They get a mail with a link to choose a new password.",
        ),
        Action(
            name="roles",
            label="Change roles",
            right="accounts.grant_role",
            form=RolesForm,
            initial=lambda user: {"roles": sorted(user.roles)},
            check=check_own_password,
            run=change_roles,
            preview="A change ends all their log-ins at once.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        grants = RoleGrant.objects.select_related("group")
        return super().get_queryset(request).prefetch_related(Prefetch("role_grants", grants))

    def update(self, request: HttpRequest, obj: User, form: Any) -> None:
        services.update_profile(user=obj, changes=form.changes())

    @admin.display(description="roles")
    def shown_roles(self, user: User) -> str:
        return ", ".join(sorted(grant.group.name for grant in user.role_grants.all()))
