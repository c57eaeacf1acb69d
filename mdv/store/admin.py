from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.fields import lines_field
from mdv.admin.forms import ComparedForm
from mdv.store.models import ONLY_ROW, StoreSettings
from mdv.store.services import update_store_settings

SELLER = ("legal_name", "tax_id", "address", "invoice_footer")
WAYS_TO_PAY = (
    "allows_bank_transfer",
    "bank_details",
    "allows_cash_on_delivery",
    "allows_pay_at_pickup",
    "pickup_address",
)
STOCK = ("low_stock_recipients",)
PERIODS = ("payment_expiry_minutes", "return_window_days")


class StoreSettingsForm(ComparedForm):
    low_stock_recipients = lines_field(
        "Who is told of low stock",
        help_text="Mailed each morning what has newly run low, one address per line. "
        "Empty: all staff who may receive goods.",
    )

    class Meta:
        model = StoreSettings
        fields = (*SELLER, *WAYS_TO_PAY, *PERIODS, *STOCK)


@admin.register(StoreSettings)
class StoreSettingsAdmin(BackOfficeAdmin):
    """The one row: its list leads straight to it."""

    form = StoreSettingsForm
    fieldsets = (
        ("The seller", {"fields": SELLER}),
        ("Ways to pay", {"fields": WAYS_TO_PAY}),
        ("Periods", {"fields": PERIODS}),
        ("Stock", {"fields": STOCK}),
    )

    def update(self, request: HttpRequest, obj: StoreSettings, form: Any) -> None:
        update_store_settings(**form.changes())

    def changelist_view(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:store_storesettings_change", args=[ONLY_ROW]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
