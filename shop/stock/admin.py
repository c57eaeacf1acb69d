from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.fields import integer_field, line_field
from mdv.admin.show import show_moment, show_table
from shop.stock import services
from shop.stock.models import StockItem
from shop.stock.services import MAX_CHANGE

MOVEMENTS_SHOWN = 50


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


def levels(item: StockItem) -> str:
    """Say where the stock stands before it is changed."""
    return (
        f"{item.variant.sku}: {item.on_hand} on hand, {item.reserved} held by orders, "
        f"{item.available} available."
    )


class IsLow(admin.SimpleListFilter):
    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", "Low"), ("out", "Sold out")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "low":
            return queryset.low()
        return queryset.filter(on_hand=F("reserved")) if self.value() == "out" else queryset


@admin.register(StockItem)
class StockItemAdmin(ReadOnlyAdmin):
    """The level of one variant and its ledger. ``low_at`` is set in the product's page."""

    list_display = ("sku", "product", "on_hand", "reserved", "shown_available", "low_at")
    list_filter = (IsLow,)
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku__istartswith",)
    search_help_text = "SKU"
    ordering = ("variant__sku", "id")
    fields = ("sku", "product", "on_hand", "reserved", "shown_available", "low_at", "ledger")
    readonly_fields = fields
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
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        return super().get_queryset(request).select_related("variant__product")

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        return item.variant.sku

    @admin.display(description="product")
    def product(self, item: StockItem) -> str:
        return f"{item.variant.product.title} {item.variant.options_label}".strip()

    @admin.display(description="available")
    def shown_available(self, item: StockItem) -> int:
        return item.available

    @admin.display(description="ledger")
    def ledger(self, item: StockItem) -> SafeString:
        last = item.movements.order_by("-seq")[:MOVEMENTS_SHOWN]
        return show_table(
            ("When", "What", "On hand", "Held", "Level after", "Why", "For", "Who"),
            [
                (
                    show_moment(movement.created_at),
                    movement.get_kind_display(),
                    f"{movement.d_on_hand:+d}",
                    f"{movement.d_reserved:+d}",
                    f"{movement.on_hand_after} / {movement.reserved_after}",
                    movement.reason,
                    movement.source,
                    movement.actor_label,
                )
                for movement in last
            ],
        )
