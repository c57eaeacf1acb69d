"""What lists of products can be asked for."""

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.validators import MinLengthValidator
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    OuterRef,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Upper
from django_filters import ChoiceFilter, FilterSet

from mdv.http.filters import AmountFilter, OrderFilter, TextFilter, YesNoFilter
from mdv.http.parameters import refuse_parameter
from shop.catalog.models import SKU_PATTERN, Product, Variant
from shop.catalog.showcase import RANK
from shop.catalog.states import ProductStatus
from shop.catalog.tree import Tree
from shop.catalog.triggers import SEARCH_CONFIG

MIN_SEARCH_LENGTH = 2
MAX_SEARCH_LENGTH = 100
# Above any rank that words can give.
RANK_OF_A_SKU = 10.0


class ProductFilter(FilterSet):
    """The public list. `category` includes all below it; `search` finds words and SKUs."""

    search = TextFilter(
        method="filter_search",
        max_length=MAX_SEARCH_LENGTH,
        validators=[MinLengthValidator(MIN_SEARCH_LENGTH)],
        label="Words as people type them (quotes, OR, a hyphen for not), or a SKU's beginning. "
        "Without an ordering the best match comes first.",
    )
    category = TextFilter(
        method="filter_category",
        label="A slug; all below it is included. Of one that there is not, nothing is listed.",
    )
    vendor = TextFilter(field_name="vendor")
    tag = TextFilter(method="filter_tag")
    min_price = AmountFilter(field_name="price_from", lookup_expr="gte")
    max_price = AmountFilter(field_name="price_from", lookup_expr="lte")
    in_stock = YesNoFilter(field_name="in_stock")
    on_sale = YesNoFilter(field_name="on_sale")
    ordering = OrderFilter(
        orders={
            "name": ("title", "id"),
            "price": ("price_from", "id"),
            "created": ("created_at", "id"),
        }
    )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        lowest = self.form.cleaned_data["min_price"]
        highest = self.form.cleaned_data["max_price"]
        if lowest is not None and highest is not None and lowest > highest:
            message = "It is above max_price."
            raise refuse_parameter("min_price", message, code="above_max_price")
        filtered: QuerySet[Any] = super().filter_queryset(queryset)
        return filtered

    def filter_search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return search_products(queryset, value, Variant.objects.filter(is_archived=False))

    def filter_category(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        ids = Tree().ids_below(value)
        # With no ids Django would not ask the database at all, and there would be no SQL to count.
        return (
            queryset.filter(category_id__in=ids) if ids else queryset.filter(category__slug=value)
        )

    def filter_tag(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(tags__contains=[value])


class StaffProductFilter(ProductFilter):
    """The staff's list: in every status, also by SKUs that are archived."""

    status = ChoiceFilter(choices=ProductStatus.choices)

    def filter_search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return search_products(queryset, value, Variant.objects.all())


def search_products(
    products: QuerySet[Any], text: str, variants: QuerySet[Variant]
) -> QuerySet[Any]:
    """Select by words or by the beginning of a SKU among `variants`, best match first."""
    words = SearchQuery(text, config=SEARCH_CONFIG, search_type="websearch")
    rank: Any = Cast(SearchRank(F("search"), words), FloatField())
    found = Product.objects.filter(search=words).values("pk")
    if re.fullmatch(SKU_PATTERN, text):
        skus = variants.annotate(upper_sku=Upper("sku"))
        is_sku = Exists(skus.filter(product=OuterRef("pk"), upper_sku=text.upper()))
        rank = Case(When(is_sku, then=Value(RANK_OF_A_SKU)), default=rank)
        starts = skus.filter(upper_sku__startswith=text.upper()).order_by().values("product_id")
        found = found.union(starts)
    matching: QuerySet[Any] = products.filter(pk__in=found).annotate(**{RANK: rank})
    return matching.order_by(f"-{RANK}", "-id")
