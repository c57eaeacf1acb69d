from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from mdv.admin.actions import Action
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.fields import image_field, line_field, lines_field
from mdv.admin.forms import VersionedForm
from mdv.admin.show import (
    BUSY,
    CALM,
    GOOD,
    show_label,
    show_link,
    show_money,
    show_table,
    shown_once,
)
from shop.catalog import services
from shop.catalog.admin.pictures import show_picture
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.services.pictures import MAX_FORM_BYTES, render
from shop.catalog.states import PRODUCT, ProductStatus

STATUS_COLOURS = {
    ProductStatus.DRAFT: BUSY,
    ProductStatus.ACTIVE: GOOD,
    ProductStatus.ARCHIVED: CALM,
}


class ProductForm(VersionedForm):
    made_up = ("slug",)

    tags = lines_field("Tags")
    option_names = lines_field("Options", help_text="Such as Size and Colour, one per line.")

    class Meta:
        model = Product
        fields = ("title", "slug", "description", "category", "vendor", "tags", "option_names")


class PictureForm(forms.Form):
    picture = image_field("Picture", help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")
    alt = line_field("Description", max_length=255, required=False, help_text="What it shows.")


def render_picture(request: HttpRequest, product: Product, filled: dict[str, Any]) -> None:
    """Decode the file now: it takes longer than a transaction may be open."""
    filled["rendered"] = render(filled["picture"].read())


def add_picture(request: HttpRequest, product: Product, filled: dict[str, Any]) -> str:
    services.add_picture(product_id=product.pk, picture=filled["rendered"], alt=filled["alt"])
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
    list_display = ("title", "picture", "shown_status", "category", "vendor", "shown_price")
    list_filter = ("status", "on_sale")
    list_select_related = ("category",)
    search_fields = ("title__istartswith", "variants__sku__istartswith")
    search_help_text = "Beginning of the title or of a SKU"
    autocomplete_fields = ("category",)
    ordering = ("title", "id")
    readonly_fields = ("shown_status", "variant_list", "picture_list")
    object_actions = (
        change_status(ProductStatus.ACTIVE, "Publish", "Customers will see it."),
        change_status(ProductStatus.DRAFT, "Back to draft", "Customers will no longer see it."),
        Action(
            name="add-picture",
            label="Add picture",
            right="catalog.add_productimage",
            form=PictureForm,
            check=render_picture,
            run=add_picture,
            max_body_bytes=MAX_FORM_BYTES,
        ),
        change_status(
            ProductStatus.ARCHIVED,
            "Archive",
            "Customers will no longer see it, and it leaves your lists of what to sell.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        main_pictures = ProductImage.objects.filter(is_primary=True)
        pictures = Prefetch("images", main_pictures, to_attr="main_pictures")
        return super().get_queryset(request).prefetch_related(pictures)

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ProductForm.Meta.fields}),)
        return (
            (None, {"fields": ("shown_status", *ProductForm.Meta.fields)}),
            ("Variants", {"fields": ("variant_list",), "classes": ["mdv-wide"]}),
            ("Pictures", {"fields": ("picture_list",), "classes": ["mdv-wide"]}),
        )

    def open_actions(self, request: HttpRequest, subject: Model) -> list[dict[str, Any]]:
        buttons = super().open_actions(request, subject)
        if request.user.has_perm("catalog.add_variant"):
            url = f"{reverse('admin:catalog_variant_add')}?product={subject.pk}"
            buttons.insert(0, {"label": "Add variant", "url": url})
        return buttons

    def create(self, request: HttpRequest, form: Any) -> Product:
        return services.create_product(**form.changes())

    def update(self, request: HttpRequest, obj: Product, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_product(product_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        services.delete_product(product_id=obj.pk)

    @admin.display(description="picture")
    def picture(self, product: Any) -> SafeString | str:
        return show_picture(product.main_pictures[0]) if product.main_pictures else ""

    @display(description="status", ordering="status")
    def shown_status(self, product: Product) -> SafeString:
        status = ProductStatus(product.status)
        return show_label(status.label, STATUS_COLOURS[status])

    @admin.display(description="price from", ordering="price_from")
    def shown_price(self, product: Product) -> SafeString | str:
        price = show_money(product.price_from)
        was = show_money(product.compare_at_from) if product.on_sale else ""
        return format_html("{} <s>{}</s>", price, was) if was else price

    @shown_once
    @admin.display(description="variants")
    def variant_list(self, product: Product) -> SafeString:
        variants = product.variants.order_by("position", "id")
        return show_table(
            ("SKU", "Options", "Price", "Reduced from", "Stock"),
            [
                (
                    show_link("catalog_variant", variant.pk, variant.sku),
                    variant.options_label,
                    show_money(variant.price),
                    show_money(variant.compare_at_price),
                    _availability(variant),
                )
                for variant in variants
            ],
            numbers={"Price", "Reduced from"},
            empty="Nothing to sell yet: a product needs at least one variant.",
        )

    @shown_once
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
        return show_table(("Picture", "Description", ""), rows, empty="No pictures yet.")


def _availability(variant: Variant) -> SafeString:
    if variant.is_archived:
        return show_label("Archived", CALM)
    return show_label("In stock", GOOD) if variant.in_stock else show_label("Sold out", BUSY)
