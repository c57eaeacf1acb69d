from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.actions import Action
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.forms import VersionedForm
from shop.catalog import services
from shop.catalog.admin.pictures import show_picture
from shop.catalog.models import ProductImage


class ImageForm(VersionedForm):
    class Meta:
        model = ProductImage
        fields = ("alt", "position")
        labels = {"alt": "Description"}


def make_primary(request: HttpRequest, image: ProductImage, filled: dict[str, Any]) -> str:
    services.set_primary_image(image_id=image.pk)
    return "This picture now stands for the product."


@admin.register(ProductImage)
class ProductImageAdmin(BackOfficeAdmin):
    """One picture. New ones are added on the product's page."""

    form = ImageForm
    list_display = ("product", "picture", "alt", "position", "is_primary")
    list_select_related = ("product",)
    ordering = ("-id",)
    fields = ("product", "picture", "alt", "position", "is_primary")
    readonly_fields = ("product", "picture", "is_primary")
    object_actions = (
        Action(
            name="make-primary",
            label="Make it the main picture",
            right="catalog.change_productimage",
            run=make_primary,
            is_open=lambda image: not image.is_primary,
            preview="Lists show this picture for the product.",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def update(self, request: HttpRequest, obj: ProductImage, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_image(image_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: ProductImage) -> None:
        services.remove_image(image_id=obj.pk)

    @admin.display(description="picture")
    def picture(self, image: ProductImage) -> SafeString:
        return show_picture(image)
