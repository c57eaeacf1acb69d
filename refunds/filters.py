"""What lists of returns and refunds can be asked for."""

from typing import Any

from django.core.validators import MinLengthValidator
from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, IsoDateTimeFilter

from mdv.http.filters import TextFilter
from refunds.models import RefundQuerySet, ReturnQuerySet
from refunds.states import (
    RefundMethod,
    RefundReason,
    RefundSource,
    RefundState,
    RefundWorklist,
    ReturnReason,
    ReturnState,
    Worklist,
)

MIN_SEARCH_LENGTH = 3
MAX_SEARCH_LENGTH = 64


class ReturnFilter(FilterSet):
    state = ChoiceFilter(choices=ReturnState.choices)
    reason = ChoiceFilter(choices=ReturnReason.choices)
    worklist = ChoiceFilter(choices=Worklist.choices, method="filter_worklist")
    requested_from = IsoDateTimeFilter(field_name="requested_at", lookup_expr="gte")
    requested_before = IsoDateTimeFilter(field_name="requested_at", lookup_expr="lt")
    search = TextFilter(
        method="filter_search",
        max_length=MAX_SEARCH_LENGTH,
        validators=[MinLengthValidator(MIN_SEARCH_LENGTH)],
        label="The beginning of a return's or an order's number.",
    )

    def filter_worklist(self, queryset: ReturnQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.on_worklist(Worklist(value))

    def filter_search(self, queryset: ReturnQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value)


class RefundFilter(FilterSet):
    state = ChoiceFilter(choices=RefundState.choices)
    method = ChoiceFilter(choices=RefundMethod.choices)
    source = ChoiceFilter(choices=RefundSource.choices)
    reason = ChoiceFilter(choices=RefundReason.choices)
    order = TextFilter(
        field_name="order__number", max_length=MAX_SEARCH_LENGTH, label="An order's number."
    )
    worklist = ChoiceFilter(choices=RefundWorklist.choices, method="filter_worklist")
    requested_from = IsoDateTimeFilter(field_name="requested_at", lookup_expr="gte")
    requested_before = IsoDateTimeFilter(field_name="requested_at", lookup_expr="lt")
    search = TextFilter(
        method="filter_search",
        max_length=MAX_SEARCH_LENGTH,
        validators=[MinLengthValidator(MIN_SEARCH_LENGTH)],
        label="The beginning of a refund's or an order's number, or the whole number that the "
        "provider or the bank has given it.",
    )

    def filter_worklist(self, queryset: RefundQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.on_worklist(RefundWorklist(value))

    def filter_search(self, queryset: RefundQuerySet, name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value)
