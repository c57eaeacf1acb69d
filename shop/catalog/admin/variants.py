from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from mdv.admin.actions import Action
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.fields import lines_field
from mdv.admin.forms import VersionedForm
from mdv.admin.show import show_money
from shop.catalog import services
from shop.catalog.models import Variant


class VariantForm(VersionedForm):
    made_up = ("sku",)
    option_values = lines_field(
        "Options", help_text="One per line, in the order of the product's options."
    )

    class Meta:
        model = Variant
        fields = (
            "product",
            "sku",
            "option_values",
            "price",
            "compare_at_price",
            "barcode",
            "weight_grams",
            "position",
        )
        labels = {
            "sku": "SKU",
            "price": f"Price ({settings.STORE_CURRENCY})",
            "compare_at_price": f"Reduced from ({settings.STORE_CURRENCY})",
            "weight_grams": "Weight (grams)",
        }


def archive(request: HttpRequest, variant: Variant, filled: dict[str, Any]) -> str:
    services.archive_variant(variant_id=variant.pk)
    return f"{variant.sku} is archived."


def restore(request: HttpRequest, variant: Variant, filled: dict[str, Any]) -> str:
    services.archive_variant(variant_id=variant.pk, is_archived=False)
    return f"{variant.sku} is for sale again."


@admin.register(Variant)
class VariantAdmin(BackOfficeAdmin):
    form = VariantForm
    list_display = (
        "shown_sku",
        "product",
        "options_label",
        "shown_price",
        "in_stock",
        "is_archived",
    )
    list_filter = ("in_stock", "is_archived")
    list_select_related = ("product",)
    search_fields = ("sku__istartswith",)
    search_help_text = "Beginning of the SKU"
    autocomplete_fields = ("product",)
    ordering = ("sku", "id")
    fields = VariantForm.Meta.fields
    object_actions = (
        Action(
            name="archive",
            label="Archive",
            right="catalog.change_variant",
            run=archive,
            is_open=lambda variant: not variant.is_archived,
            preview="It is no longer sold. Orders that contain it stay as they are.",
            is_dangerous=True,
        ),
        Action(
            name="restore",
            label="Sell again",
            right="catalog.change_variant",
            run=restore,
            is_open=lambda variant: variant.is_archived,
            preview="Customers can buy it again as far as there is stock.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("product")

    def get_readonly_fields(self, request: HttpRequest, obj: Variant | None = None) -> list[str]:
        return ["product"] if obj else []

    def create(self, request: HttpRequest, form: Any) -> Variant:
        return services.create_variant(**form.changes())

    def update(self, request: HttpRequest, obj: Variant, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_variant(variant_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: Variant) -> None:
        services.delete_variant(variant_id=obj.pk)

    def response_add(
        self, request: HttpRequest, obj: Variant, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go back to the product, naming the SKU, which may have been made up."""
        made = self.get_queryset(request).get(pk=obj.pk)
        messages.success(request, f"{made.sku} is added to {made.product.title}.")
        if "_addanother" in request.POST:
            another = reverse("admin:catalog_variant_add")
            return HttpResponseRedirect(f"{another}?product={made.product_id}")
        if "_continue" in request.POST:
            return HttpResponseRedirect(self.url_of(made))
        product = reverse("admin:catalog_product_change", args=[made.product_id])
        return HttpResponseRedirect(product)

    @admin.display(description="SKU", ordering="sku")
    def shown_sku(self, variant: Variant) -> str:
        return variant.sku

    @admin.display(description="options")
    def options_label(self, variant: Variant) -> str:
        return variant.options_label

    @admin.display(description="price", ordering="price")
    def shown_price(self, variant: Variant) -> str:
        return show_money(variant.price)
