"""What customers are shown.

``shop.catalog.showcase`` and ``Tree`` build it, without serializers: these classes say what it is,
and the tests hold every answer to them.
"""

from typing import Any

from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.http.serializers import MoneyField


class CategoryRefOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class CategoryNodeOut(CategoryRefOut):
    """A category in the tree. ``product_count`` includes all categories below."""

    in_navigation = serializers.BooleanField()
    product_count = serializers.IntegerField()
    children = serializers.SerializerMethodField()

    @extend_schema_field(
        lazy_serializer("shop.catalog.serializers.public.CategoryNodeOut")(many=True)
    )
    def get_children(self, node: Any) -> list[Any]:
        return list(node["children"])


class CategoryOut(CategoryNodeOut):
    """One category, with the ``path`` that leads to it from the root."""

    description = serializers.CharField(help_text="Simple, safe HTML.")
    path = CategoryRefOut(many=True)


class ThumbnailOut(serializers.Serializer[Any]):
    thumbnail_url = serializers.CharField()
    alt = serializers.CharField()


class ProductCardOut(serializers.Serializer[Any]):
    """A product in a list. The prices are those of its cheapest variant."""

    slug = serializers.CharField()
    title = serializers.CharField()
    vendor = serializers.CharField()
    category = CategoryRefOut(allow_null=True)
    currency = serializers.CharField()
    price_from = MoneyField()
    compare_at_price = MoneyField(allow_null=True)
    on_sale = serializers.BooleanField()
    in_stock = serializers.BooleanField()
    image = ThumbnailOut(allow_null=True)


class ImageOut(ThumbnailOut):
    """A picture. While it is being fetched, the addresses are a placeholder's."""

    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    is_primary = serializers.BooleanField()


class OptionOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class OptionValueOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField()


class VariantOut(serializers.Serializer[Any]):
    sku = serializers.CharField()
    title = serializers.CharField(help_text="The option values, as one text.")
    options = OptionValueOut(many=True)
    price = MoneyField()
    compare_at_price = MoneyField(allow_null=True)
    barcode = serializers.CharField()
    weight_grams = serializers.IntegerField()
    in_stock = serializers.BooleanField()
    image = ImageOut(allow_null=True)


class ProductOut(serializers.Serializer[Any]):
    """A product with all that can be bought of it."""

    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(help_text="Simple, safe HTML.")
    vendor = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    category = CategoryRefOut(allow_null=True)
    currency = serializers.CharField()
    price_from = MoneyField()
    compare_at_price = MoneyField(allow_null=True)
    on_sale = serializers.BooleanField()
    in_stock = serializers.BooleanField()
    options = OptionOut(many=True)
    variants = VariantOut(many=True)
    images = ImageOut(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CategoryCountOut(CategoryRefOut):
    count = serializers.IntegerField()


class VendorCountOut(serializers.Serializer[Any]):
    vendor = serializers.CharField()
    count = serializers.IntegerField()


class TagCountOut(serializers.Serializer[Any]):
    tag = serializers.CharField()
    count = serializers.IntegerField()


class PriceRangeOut(serializers.Serializer[Any]):
    min = MoneyField(allow_null=True)
    max = MoneyField(allow_null=True)


class FiltersOut(serializers.Serializer[Any]):
    """How many products remain if one more value is chosen beside the present filters."""

    count = serializers.IntegerField()
    currency = serializers.CharField()
    price = PriceRangeOut()
    in_stock = serializers.IntegerField()
    on_sale = serializers.IntegerField()
    categories = CategoryCountOut(many=True)
    vendors = VendorCountOut(many=True)
    tags = TagCountOut(many=True)


class SuggestionOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
