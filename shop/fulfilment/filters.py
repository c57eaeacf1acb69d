"""What lists of parcels can be asked for."""

from typing import Any

from django.core.validators import MinLengthValidator
from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, IsoDateTimeFilter

from mdv.http.filters import TextFilter, YesNoFilter
from shop.fulfilment.models import ShipmentQuerySet
from shop.fulfilment.services import held_shipments
from shop.fulfilment.states import ShipmentState, Worklist

MIN_SEARCH_LENGTH = 3
MAX_SEARCH_LENGTH = 64


class ShipmentFilter(FilterSet):
    state = ChoiceFilter(choices=ShipmentState.choices)
    worklist = ChoiceFilter(choices=Worklist.choices, method="filter_worklist")
    held = YesNoFilter(
        method="filter_held",
        label="Whether it stays in the house because money of its order was taken back.",
    )
    created_from = IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    search = TextFilter(
        method="filter_search",
        max_length=MAX_SEARCH_LENGTH,
        validators=[MinLengthValidator(MIN_SEARCH_LENGTH)],
        label="The beginning of a parcel's, an order's or a tracking number.",
    )

    def filter_worklist(self, queryset: ShipmentQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.on_worklist(Worklist(value))

    def filter_held(self, queryset: ShipmentQuerySet, name: str, value: bool) -> QuerySet[Any]:
        held = held_shipments().values("pk")
        return queryset.filter(pk__in=held) if value else queryset.exclude(pk__in=held)

    def filter_search(self, queryset: ShipmentQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value)
