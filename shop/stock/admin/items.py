"""Stock items: the list, and what can be done to one. The page of one is the stock card."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.fields import integer_field, line_field
from mdv.admin.filters import KnownFilter
from mdv.admin.show import BAD, BUSY, show_label
from shop.stock import services
from shop.stock.models import StockItem
from shop.stock.services import MAX_CHANGE


class AdjustForm(forms.Form):
    delta = integer_field(
        "Change in units",
        min_value=-MAX_CHANGE,
        max_value=MAX_CHANGE,
        help_text="More with 5, fewer with -5.",
    )
    reason = line_field("Reason", max_length=255, help_text="Kept in the ledger.")


class ReceiveForm(forms.Form):
    quantity = integer_field("Units that came in", min_value=1, max_value=MAX_CHANGE)
    reason = line_field("Delivery note or remark", max_length=255, required=False)


class LowLevelForm(forms.Form):
    low_at = integer_field(
        "Units", min_value=0, max_value=MAX_CHANGE, help_text="0 for never a warning."
    )
    shown = forms.IntegerField(widget=forms.HiddenInput)


def adjust(request: HttpRequest, item: StockItem, filled: dict[str, Any]) -> str:
    services.adjust_stock(
        variant_id=item.variant_id, delta=filled["delta"], reason=filled["reason"]
    )
    return f"Stock changed by {filled['delta']:+d}."


def receive(request: HttpRequest, item: StockItem, filled: dict[str, Any]) -> str:
    services.receive_stock(
        variant_id=item.variant_id, quantity=filled["quantity"], reason=filled["reason"]
    )
    return f"{filled['quantity']} units received."


def warn_at(request: HttpRequest, item: StockItem, filled: dict[str, Any]) -> str:
    services.set_low_level(
        variant_id=item.variant_id, low_at=filled["low_at"], shown=filled["shown"]
    )
    return f"You are warned at {filled['low_at']} units."


def levels(item: StockItem) -> str:
    """Say where the stock stands before it is changed."""
    return (
        f"{item.variant.sku}: {item.on_hand} on hand, {item.reserved} held by orders, "
        f"{item.available} available."
    )


class LevelFilter(KnownFilter):
    title = "level"
    parameter_name = "level"
    choices_known = [("low", "Running low"), ("out", "Sold out")]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.running_out() if value == "low" else queryset.filter(on_hand=F("reserved"))


class StockItemAdmin(ReadOnlyAdmin):
    """The level of one variant. Its page shows orders too, and so is made further up."""

    list_display = ("sku", "product", "on_hand", "reserved", "shown_available", "shown_low_at")
    list_filter = (LevelFilter,)
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku__istartswith",)
    search_help_text = "SKU"
    ordering = ("variant__sku", "id")
    object_actions = (
        Action(
            name="receive",
            label="Receive goods",
            right="stock.receive_stock",
            form=ReceiveForm,
            run=receive,
            preview=levels,
        ),
        Action(
            name="adjust",
            label="Adjust",
            right="stock.adjust_stock",
            form=AdjustForm,
            run=adjust,
            preview=levels,
        ),
        Action(
            name="warn-at",
            label="Set warning level",
            right="stock.adjust_stock",
            form=LowLevelForm,
            initial=lambda item: dict.fromkeys(("low_at", "shown"), item.low_at),
            run=warn_at,
            preview="It is shown as low when this many or fewer are available.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        return super().get_queryset(request).select_related("variant__product")

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        return item.variant.sku

    @admin.display(description="product")
    def product(self, item: StockItem) -> str:
        return " ".join(filter(None, (item.variant.product.title, item.variant.options_label)))

    @admin.display(description="available")
    def shown_available(self, item: StockItem) -> SafeString | int:
        if item.available <= 0:
            return show_label("Sold out", BAD)
        is_low = item.available <= item.low_at
        return show_label(f"{item.available} left", BUSY) if is_low else item.available

    @admin.display(description="warn at (units)", ordering="low_at")
    def shown_low_at(self, item: StockItem) -> str:
        return str(item.low_at or "never")
