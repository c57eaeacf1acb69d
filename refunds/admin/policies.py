"""How much each role may give back alone: who may change it does so here, and the trail follows."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from mdv.accounts.roles import Role
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.forms import ComparedForm
from mdv.admin.show import show_choice, show_money
from refunds import services
from refunds.models import RefundPolicy


class RefundPolicyForm(ComparedForm):
    class Meta:
        model = RefundPolicy
        fields = ("max_per_refund", "max_per_day", "may_goodwill")
        labels = {
            "max_per_refund": f"At most at once ({settings.STORE_CURRENCY})",
            "max_per_day": f"At most in a day ({settings.STORE_CURRENCY})",
            "may_goodwill": "May give more than was paid too much, as goodwill",
        }


@admin.register(RefundPolicy)
class RefundPolicyAdmin(BackOfficeAdmin):
    form = RefundPolicyForm
    list_display = ("shown_role", "shown_per_refund", "shown_per_day", "may_goodwill")
    ordering = ("id",)
    sortable_by = ()
    fields = RefundPolicyForm.Meta.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def update(self, request: HttpRequest, obj: RefundPolicy, form: Any) -> None:
        filled = form.cleaned_data
        services.change_policy(
            role=Role(obj.role),
            limits=services.Limits(
                max_per_refund=filled["max_per_refund"],
                max_per_day=filled["max_per_day"],
                may_goodwill=filled["may_goodwill"],
            ),
        )

    @admin.display(description="role")
    def shown_role(self, policy: RefundPolicy) -> str:
        return show_choice(policy.role)

    @admin.display(description="at most at once")
    def shown_per_refund(self, policy: RefundPolicy) -> str:
        return show_money(policy.max_per_refund)

    @admin.display(description="at most in a day")
    def shown_per_day(self, policy: RefundPolicy) -> str:
        return show_money(policy.max_per_day)
