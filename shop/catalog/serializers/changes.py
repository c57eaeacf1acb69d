"""What staff write about the catalogue."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from mdv.http.serializers import (
    BooleanField,
    IntegerField,
    LineField,
    ListField,
    MoneyField,
    StrictSerializer,
    TextField,
)
from mdv.kernel.money import MAX_PRICE
from shop.catalog.models import (
    MAX_DESCRIPTION_LENGTH,
    MAX_OPTIONS,
    MAX_TAGS,
    SKU_PATTERN,
    Category,
)
from shop.catalog.states import ProductStatus

MAX_POSITION = 10_000
MAX_WEIGHT_GRAMS = 1_000_000


class CategoryField(LineField):
    """A category by its slug; the value is its id."""

    default_error_messages = {"not_found": "There is no such category."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=140, required=False, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        slug = super().run_validation(data)
        if slug is None:
            return None
        pk = Category.objects.filter(slug=slug).values_list("pk", flat=True).first()
        if pk is None:
            self.fail("not_found")
        return pk


class CategoryIn(StrictSerializer):
    name = LineField(max_length=120)
    slug = LineField(max_length=140, required=False)
    parent = CategoryField(source="parent_id")  # type: ignore[assignment]  # fields are taken off
    position = IntegerField(max_value=MAX_POSITION, required=False)
    in_navigation = BooleanField(required=False)
    description = TextField(max_length=MAX_DESCRIPTION_LENGTH, required=False, allow_blank=True)


class ProductIn(StrictSerializer):
    title = LineField(max_length=255)
    slug = LineField(max_length=140, required=False)
    description = TextField(max_length=MAX_DESCRIPTION_LENGTH, required=False, allow_blank=True)
    category = CategoryField(source="category_id")
    vendor = LineField(max_length=120, required=False, allow_blank=True)
    tags = ListField(child=LineField(max_length=60), max_length=MAX_TAGS, required=False)
    option_names = ListField(child=LineField(max_length=60), max_length=MAX_OPTIONS, required=False)


class ProductStatusIn(StrictSerializer):
    status = serializers.ChoiceField(choices=ProductStatus.choices)


class VariantIn(StrictSerializer):
    """A variant; `option_values` has one value for each option of the product, in its order."""

    sku = LineField(max_length=64, required=False, validators=[RegexValidator(SKU_PATTERN)])
    option_values = ListField(
        child=LineField(max_length=120), max_length=MAX_OPTIONS, required=False
    )
    price = MoneyField(max_value=MAX_PRICE)
    compare_at_price = MoneyField(max_value=MAX_PRICE, required=False, allow_null=True)
    barcode = LineField(max_length=64, required=False, allow_blank=True)
    weight_grams = IntegerField(max_value=MAX_WEIGHT_GRAMS, required=False)
    position = IntegerField(max_value=MAX_POSITION, required=False)
    image = IntegerField(source="image_id", required=False, allow_null=True)


class RemoteImageIn(StrictSerializer):
    source_url = LineField(max_length=500)
    alt = LineField(max_length=255, required=False, allow_blank=True)


class ImageUploadIn(StrictSerializer):
    file = serializers.FileField(help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")
    alt = LineField(max_length=255, required=False, allow_blank=True)


class ImageIn(StrictSerializer):
    alt = LineField(max_length=255, required=False, allow_blank=True)
    position = IntegerField(max_value=MAX_POSITION, required=False)
