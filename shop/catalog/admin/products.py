from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from mdv.admin.actions import Action
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.fields import image_field, line_field
from mdv.admin.forms import VersionedForm
from mdv.admin.show import BUSY, CALM, GOOD, show_link, show_money, show_table
from shop.catalog import services
from shop.catalog.admin.pictures import show_picture
from shop.catalog.models import Product
from shop.catalog.states import PRODUCT, ProductStatus

STATUS_COLOURS = {
    ProductStatus.DRAFT: BUSY,
    ProductStatus.ACTIVE: GOOD,
    ProductStatus.ARCHIVED: CALM,
}


class ProductForm(VersionedForm):
    class Meta:
        model = Product
        fields = ("title", "slug", "description", "category", "vendor", "tags", "option_names")
        widgets = {
            "tags": UnfoldAdminTextInputWidget(),
            "option_names": UnfoldAdminTextInputWidget(),
        }


class PictureForm(forms.Form):
    picture = image_field("Picture", help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")
    alt = line_field("Description", max_length=255, required=False)


def add_picture(request: HttpRequest, product: Product, filled: dict[str, Any]) -> str:
    services.add_image(product_id=product.pk, content=filled["picture"].read(), alt=filled["alt"])
    return "The picture is added."


def change_status(status: ProductStatus, label: str, preview: str) -> Action:
    """Return the button that moves a product to `status`."""

    def run(request: HttpRequest, product: Product, filled: dict[str, Any]) -> str:
        services.set_product_status(product_id=product.pk, status=status)
        return f"{product.title} is {status.label.lower()}."

    def is_open(product: Product) -> bool:
        return status in PRODUCT.next_states(ProductStatus(product.status))

    return Action(
        name=f"make-{status.value}",
        label=label,
        right="catalog.change_product",
        run=run,
        is_open=is_open,
        preview=preview,
        is_dangerous=status == ProductStatus.ARCHIVED,
    )


@admin.register(Product)
class ProductAdmin(BackOfficeAdmin):
    form = ProductForm
    list_display = ("title", "shown_status", "category", "vendor", "shown_price", "on_sale")
    list_filter = ("status", "on_sale")
    list_select_related = ("category",)
    search_fields = ("title__istartswith", "variants__sku__istartswith")
    search_help_text = "Beginning of the title or of a SKU"
    autocomplete_fields = ("category",)
    ordering = ("title", "id")
    readonly_fields = ("status", "variant_list", "picture_list")
    object_actions = (
        change_status(ProductStatus.ACTIVE, "Publish", "Customers will see it."),
        change_status(ProductStatus.DRAFT, "Back to draft", "Customers will no longer see it."),
        Action(
            name="add-picture",
            label="Add picture",
            right="catalog.add_productimage",
            form=PictureForm,
            run=add_picture,
        ),
        change_status(
            ProductStatus.ARCHIVED,
            "Archive",
            "Customers will no longer see it, and it leaves your lists of what to sell.",
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        own = (None, {"fields": ("shown_version", *ProductForm.Meta.fields)})
        if obj is None:
            return (own,)
        return (
            own,
            ("Variants", {"fields": ("status", "variant_list")}),
            ("Pictures", {"fields": ("picture_list",)}),
        )

    def save_model(
        self, request: HttpRequest, obj: Product, form: ProductForm, change: bool
    ) -> None:
        if change:
            services.update_product(
                product_id=obj.pk, version=form.cleaned_data["shown_version"], **form.changes()
            )
        else:
            obj.pk = services.create_product(**form.changes()).pk

    @display(description="status", label=STATUS_COLOURS, ordering="status")
    def shown_status(self, product: Product) -> tuple[str, str]:
        return product.status, product.get_status_display()

    @admin.display(description="price from", ordering="price_from")
    def shown_price(self, product: Product) -> str:
        return show_money(product.price_from)

    @admin.display(description="variants")
    def variant_list(self, product: Product) -> SafeString:
        rows = [
            (
                show_link("catalog_variant", variant.pk, variant.sku),
                variant.options_label,
                show_money(variant.price),
                show_money(variant.compare_at_price),
                "in stock" if variant.in_stock else "sold out",
                "archived" if variant.is_archived else "",
            )
            for variant in product.variants.order_by("position", "id")
        ]
        table = show_table(("SKU", "Options", "Price", "Instead of", "Stock", ""), rows)
        url = reverse("admin:catalog_variant_add")
        return format_html(
            '{}<p><a class="mdv-link" href="{}?product={}">Add a variant</a></p>',
            table,
            url,
            product.pk,
        )

    @admin.display(description="pictures")
    def picture_list(self, product: Product) -> SafeString:
        rows = [
            (
                show_picture(image),
                show_link("catalog_productimage", image.pk, image.alt or "no description"),
                "main picture" if image.is_primary else "",
            )
            for image in product.images.order_by("position", "id")
        ]
        return show_table(("Picture", "Description", ""), rows)
