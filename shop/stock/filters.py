"""What the list of levels can be asked for."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Upper
from django_filters import FilterSet

from mdv.http.filters import OrderFilter, TextFilter, YesNoFilter
from shop.stock.models import StockItem

MAX_SKU_LENGTH = 64


class LevelFilter(FilterSet):
    sku = TextFilter(method="filter_sku", max_length=MAX_SKU_LENGTH, label="How the SKU begins.")
    product = TextFilter(field_name="product__slug", label="A product's slug.")
    low = YesNoFilter(method="filter_low", label="At or below the level that warns.")
    is_archived = YesNoFilter(field_name="is_archived")
    ordering = OrderFilter(orders={"sku": ("sku", "id"), "available": ("available", "id")})

    def filter_sku(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        named: QuerySet[Any] = queryset.annotate(upper_sku=Upper("sku"))
        return named.filter(upper_sku__startswith=value.upper())

    def filter_low(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        low = StockItem.objects.low()
        return queryset.filter(stock__in=low) if value else queryset.exclude(stock__in=low)
