"""What is sold: categories, products, their variants and images."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from mdv.kernel.money import MAX_PRICE, ZERO, MoneyField
from shop.catalog.states import ProductStatus
from shop.catalog.triggers import KeepsSearchVector, LimitsDepth, RefusesCycles, ShowsItsPrices

SKU_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
MAX_OPTIONS = 3
MAX_TAGS = 50
MAX_DESCRIPTION_LENGTH = 50_000
# Words of a title as they are typed, unfinished ones too: "simple" keeps their endings.
TITLE_WORDS_CONFIG = "simple"
TITLE_WORDS = SearchVector("title", config=TITLE_WORDS_CONFIG)
PRICE_RANGE = [MinValueValidator(ZERO), MaxValueValidator(MAX_PRICE)]


class Category(models.Model):
    """A shelf in the shop. Categories form a tree; the slug is unique over all of it."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, db_index=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveIntegerField(default=0)
    in_navigation = models.BooleanField(default=True)
    description = models.TextField(
        blank=True,
        help_text="Simple HTML; scripts are removed.",
        validators=[MaxLengthValidator(MAX_DESCRIPTION_LENGTH)],
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint("slug", name="category_slug_is_unique")]
        triggers = [RefusesCycles(), LimitsDepth()]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def listed(self) -> "ProductQuerySet":
        """Select what customers may see: active, with a variant that can be sold."""
        return self.filter(status=ProductStatus.ACTIVE, price_from__isnull=False)


class Product(models.Model):
    """Something sold in one or more variants. ``option_names`` are such as Size and Colour.

    ``price_from``, ``compare_at_from`` and ``on_sale`` show the variants that can be sold. A
    trigger keeps them; without such a variant ``price_from`` is null.
    """

    slug = models.SlugField(max_length=140, db_index=False)
    title = models.CharField(max_length=255)
    description = models.TextField(
        blank=True,
        help_text="Simple HTML; scripts are removed.",
        validators=[MaxLengthValidator(MAX_DESCRIPTION_LENGTH)],
    )
    status = models.CharField(
        max_length=8, choices=ProductStatus.choices, default=ProductStatus.DRAFT
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products"
    )
    vendor = models.CharField(max_length=120, blank=True)
    tags = ArrayField(models.CharField(max_length=60), size=MAX_TAGS, default=list, blank=True)
    option_names = ArrayField(
        models.CharField(max_length=60), size=MAX_OPTIONS, default=list, blank=True
    )
    search = SearchVectorField(null=True, editable=False)
    price_from = MoneyField(null=True, blank=True, editable=False)
    compare_at_from = MoneyField(null=True, blank=True, editable=False)
    on_sale = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Product"]] = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("slug", name="product_slug_is_unique"),
            models.CheckConstraint(
                name="product_status_is_known", condition=Q(status__in=ProductStatus.values)
            ),
            models.CheckConstraint(
                name="product_has_at_most_three_options",
                condition=Q(option_names__len__lte=MAX_OPTIONS),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="product_by_words"),
            GinIndex(TITLE_WORDS, name="product_by_title_words"),
            GinIndex(fields=["tags"], name="product_by_tag"),
            models.Index(fields=["-created_at", "-id"], name="product_newest"),
            models.Index(fields=["title", "id"], name="product_by_title"),
            models.Index(fields=["price_from", "id"], name="product_by_price"),
            models.Index(fields=["vendor"], name="product_by_vendor"),
        ]
        triggers = [KeepsSearchVector()]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What a customer buys: one SKU at one price. Ever sold, it is archived, never deleted.

    ``in_stock`` is written by ``shop.stock`` when the last unit goes or the first comes.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=64, validators=[RegexValidator(SKU_PATTERN)])
    option_values = ArrayField(
        models.CharField(max_length=120), size=MAX_OPTIONS, default=list, blank=True
    )
    price = MoneyField(validators=PRICE_RANGE)
    compare_at_price = MoneyField(null=True, blank=True, validators=PRICE_RANGE)
    barcode = models.CharField(max_length=64, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    image = models.ForeignKey(
        "ProductImage", models.SET_NULL, null=True, blank=True, related_name="variants"
    )
    is_archived = models.BooleanField(default=False)
    in_stock = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("sku", name="sku_is_unique"),
            models.CheckConstraint(
                name="variant_sku_is_plain", condition=Q(sku__regex=SKU_PATTERN)
            ),
            models.CheckConstraint(
                name="variant_price_is_in_range",
                condition=Q(price__gte=0) & Q(price__lte=MAX_PRICE),
            ),
            models.CheckConstraint(
                name="variant_compare_at_price_is_above_price",
                condition=Q(compare_at_price=None)
                | (Q(compare_at_price__gt=F("price")) & Q(compare_at_price__lte=MAX_PRICE)),
            ),
            models.UniqueConstraint(
                "product", "option_values", name="variant_options_are_unique_within_product"
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "price"],
                name="variant_on_sale",
                condition=Q(is_archived=False),
            ),
            models.Index(
                OpClass(Upper("sku"), name="text_pattern_ops"), name="variant_by_sku_start"
            ),
        ]
        triggers = [ShowsItsPrices()]

    def __str__(self) -> str:
        return self.sku

    @property
    def is_reduced(self) -> bool:
        return self.compare_at_price is not None

    @property
    def options_label(self) -> str:
        return " / ".join(self.option_values)


class ProductImage(models.Model):
    """A picture, kept as two files of our own making, or the address to fetch it from.

    ``width`` and ``height`` are those of the larger file, in pixels. ``fetch_problem`` says why
    the address gave no picture.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    file = models.FileField(upload_to="products/", max_length=200, blank=True)
    thumbnail = models.FileField(upload_to="products/", max_length=200, blank=True)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    source_url = models.URLField(
        max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    fetch_problem = models.CharField(max_length=64, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0)
    alt = models.CharField(max_length=255, blank=True)
    is_primary = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "product", condition=Q(is_primary=True), name="one_primary_image_per_product"
            ),
            models.UniqueConstraint(
                "product",
                "source_url",
                condition=~Q(source_url=""),
                name="image_source_is_unique_within_product",
            ),
            models.CheckConstraint(
                name="image_has_a_file_or_a_source", condition=~Q(file="") | ~Q(source_url="")
            ),
        ]

    def __str__(self) -> str:
        return self.alt or f"image {self.position}"
