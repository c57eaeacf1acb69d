from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from mdv.admin.base import BackOfficeAdmin
from mdv.store.models import ONLY_ROW, StoreSettings


@admin.register(StoreSettings)
class StoreSettingsAdmin(BackOfficeAdmin):
    """The one row: its list leads straight to it."""

    fieldsets = (
        ("The seller", {"fields": ("legal_name", "tax_id", "invoice_footer")}),
        (
            "Ways to pay",
            {
                "fields": (
                    "allows_bank_transfer",
                    "bank_details",
                    "allows_cash_on_delivery",
                    "allows_pay_at_pickup",
                    "pickup_address",
                )
            },
        ),
        ("Periods", {"fields": ("payment_expiry_minutes", "return_window_days")}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:store_storesettings_change", args=[ONLY_ROW]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
