"""People in the back office, customers and colleagues, with what they ordered."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.accounts import services
from mdv.accounts.models import RoleGrant, User
from mdv.accounts.roles import Role
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.forms import ComparedForm
from mdv.admin.show import shown_once
from mdv.backoffice import person_page
from mdv.backoffice.people_actions import ADD_STAFF, PERSON_ACTIONS, ROLES

STAFF = "staff"


class ProfileForm(ComparedForm):
    class Meta:
        model = User
        fields = ("name", "phone")


class RoleFilter(KnownFilter):
    title = "role"
    parameter_name = "role"
    choices_known = [(STAFF, "All staff"), *ROLES]

    def narrow(self, queryset: Any, value: str) -> Any:
        grants = RoleGrant.objects.all()
        if value != STAFF:
            grants = grants.filter(group__name=Role(value))
        return queryset.filter(pk__in=grants.values("user"))


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    form = ProfileForm
    list_display = ("email", "name", "phone", "shown_roles", "is_open", "date_joined")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("email__startswith", "name__istartswith", "phone__startswith")
    search_help_text = "Beginning of e-mail, name or phone"
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "phone",
                    "shown_roles",
                    "is_open",
                    "date_joined",
                    "last_login",
                )
            },
        ),
        ("Latest orders", {"fields": ("order_list",), "classes": ["mdv-wide"]}),
        ("Addresses", {"fields": ("address_list",), "classes": ["mdv-wide"]}),
    )
    readonly_fields = (
        "email",
        "shown_roles",
        "is_open",
        "date_joined",
        "last_login",
        "order_list",
        "address_list",
    )
    adding = ADD_STAFF
    object_actions = PERSON_ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        grants = RoleGrant.objects.select_related("group")
        return super().get_queryset(request).prefetch_related(Prefetch("role_grants", grants))

    def update(self, request: HttpRequest, obj: User, form: Any) -> None:
        services.update_profile(user=obj, changes=form.changes())

    @admin.display(description="roles")
    def shown_roles(self, user: User) -> str:
        return ", ".join(sorted(grant.group.name for grant in user.role_grants.all()))

    @admin.display(description="account open", boolean=True, ordering="is_active")
    def is_open(self, user: User) -> bool:
        return user.is_active

    @shown_once
    @admin.display(description="latest orders")
    def order_list(self, user: User) -> SafeString:
        return person_page.show_orders(user)

    @shown_once
    @admin.display(description="addresses")
    def address_list(self, user: User) -> SafeString:
        return person_page.show_addresses(user)
