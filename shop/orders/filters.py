"""What lists of orders can be asked for."""

from typing import Any

from django.core.validators import MinLengthValidator
from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, IsoDateTimeFilter

from mdv.http.filters import TextFilter, YesNoFilter
from shop.orders.models import OrderQuerySet
from shop.orders.services import held_orders
from shop.orders.states import OrderStatus, PaymentMethod, PaymentStatus
from shop.pricing.states import DeliveryMethod

MIN_SEARCH_LENGTH = 3
MAX_SEARCH_LENGTH = 254


class OrderFilter(FilterSet):
    status = ChoiceFilter(choices=OrderStatus.choices)
    payment_status = ChoiceFilter(choices=PaymentStatus.choices)


class StaffOrderFilter(OrderFilter):
    delivery_method = ChoiceFilter(choices=DeliveryMethod.choices)
    payment_method = ChoiceFilter(choices=PaymentMethod.choices)
    held = YesNoFilter(
        method="filter_held",
        label="Whether goods in the house stay there because money was taken back.",
    )
    created_from = IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    search = TextFilter(
        method="filter_search",
        max_length=MAX_SEARCH_LENGTH,
        validators=[MinLengthValidator(MIN_SEARCH_LENGTH)],
        label="The beginning of a number, an e-mail address or a phone number, or a SKU.",
    )

    def filter_search(self, queryset: OrderQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value)

    def filter_held(self, queryset: OrderQuerySet, name: str, value: bool) -> QuerySet[Any]:
        held = held_orders().values("pk")
        return queryset.filter(pk__in=held) if value else queryset.exclude(pk__in=held)
