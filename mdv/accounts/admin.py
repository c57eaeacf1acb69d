"""People in the back office: customers and colleagues. Nobody sets another's password."""

from typing import Any

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


def change_roles(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.check_credentials(email=request.user.email, password=filled["password"])
    services.set_roles(user=user, roles=[Role(name) for name in filled["roles"]])
    return f"{user.email} is now {', '.join(filled['roles']) or 'a customer'}."


def send_reset(request: HttpRequest, user: User, filled: dict[str, Any]) -> str:
    services.request_password_reset(email=user.email)
    return f"A link to choose a new password is on its way to {user.email}."


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("staff", "All staff"), *((role.value, role.value) for role in Role)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        grants = RoleGrant.objects.all()
        if self.value() != "staff":
            grants = grants.filter(group__name=self.value())
        return queryset.filter(pk__in=grants.values("user"))


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
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
            run=change_roles,
            preview="A change ends all their log-ins at once.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        grants = RoleGrant.objects.select_related("group")
        return super().get_queryset(request).prefetch_related(Prefetch("role_grants", grants))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.update_profile(user=obj, changes=changes)

    @admin.display(description="roles")
    def shown_roles(self, user: User) -> str:
        return ", ".join(sorted(grant.group.name for grant in user.role_grants.all()))
