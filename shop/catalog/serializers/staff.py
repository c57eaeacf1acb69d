"""What staff read about the catalogue."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.http.serializers import MoneyField
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.serializers.public import CategoryRefOut
from shop.catalog.showcase import picture_url


class StaffCategoryOut(serializers.ModelSerializer[Category]):
    parent = CategoryRefOut(allow_null=True)

    class Meta:
        model = Category
        fields = (
            "slug",
            "name",
            "parent",
            "position",
            "in_navigation",
            "description",
            "version",
        )


class StaffImageOut(serializers.ModelSerializer[ProductImage]):
    """A picture. ``fetch_problem`` says why its ``source_url`` has given none yet."""

    url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    source_url = serializers.CharField()

    class Meta:
        model = ProductImage
        fields = (
            "id",
            "url",
            "thumbnail_url",
            "width",
            "height",
            "alt",
            "position",
            "is_primary",
            "source_url",
            "fetch_problem",
            "version",
        )

    @extend_schema_field(str)
    def get_url(self, image: ProductImage) -> str:
        return picture_url(str(image.file))

    @extend_schema_field(str)
    def get_thumbnail_url(self, image: ProductImage) -> str:
        return picture_url(str(image.thumbnail))


class StaffVariantOut(serializers.ModelSerializer[Variant]):
    price = MoneyField()
    compare_at_price = MoneyField(allow_null=True)
    currency = serializers.SerializerMethodField()
    image = serializers.IntegerField(source="image_id", allow_null=True)

    class Meta:
        model = Variant
        fields = (
            "sku",
            "option_values",
            "price",
            "compare_at_price",
            "currency",
            "barcode",
            "weight_grams",
            "position",
            "image",
            "is_archived",
            "in_stock",
            "version",
            "updated_at",
        )

    def get_currency(self, variant: Variant) -> str:
        return settings.STORE_CURRENCY


class StaffProductRowOut(serializers.ModelSerializer[Product]):
    """A product in a list. The prices are null while no variant can be sold."""

    category = CategoryRefOut(allow_null=True)
    price_from = MoneyField(allow_null=True)
    compare_at_price = MoneyField(source="compare_at_from", allow_null=True)
    currency = serializers.SerializerMethodField()
    in_stock = serializers.BooleanField()

    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            "slug",
            "title",
            "status",
            "category",
            "vendor",
            "tags",
            "currency",
            "price_from",
            "compare_at_price",
            "on_sale",
            "in_stock",
            "version",
            "created_at",
            "updated_at",
        )

    def get_currency(self, product: Product) -> str:
        return settings.STORE_CURRENCY


class StaffProductOut(StaffProductRowOut):
    variants = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()

    class Meta(StaffProductRowOut.Meta):
        fields = (
            *StaffProductRowOut.Meta.fields,
            "description",
            "option_names",
            "variants",
            "images",
        )

    @extend_schema_field(StaffVariantOut(many=True))
    def get_variants(self, product: Product) -> Any:
        return StaffVariantOut(product.variants.order_by("position", "id"), many=True).data

    @extend_schema_field(StaffImageOut(many=True))
    def get_images(self, product: Product) -> Any:
        return StaffImageOut(product.images.order_by("position", "id"), many=True).data
