"""Query parameters, strictly: what a list does not know, or cannot read, is a 400.

A list names its parameters in a ``FilterSet`` made of the filters here, its order last.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import CharFilter, ChoiceFilter, TypedChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from mdv.http.pagination import CURSOR, PAGE_SIZE
from mdv.http.parameters import InvalidParameters, refuse_parameter
from mdv.http.problems import field_problems
from mdv.kernel.errors import FieldProblem
from mdv.kernel.money import to_money

if TYPE_CHECKING:
    from rest_framework.views import APIView

MAX_TEXT_LENGTH = 200
MAX_NAMED_LENGTH = 64
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
YES_OR_NO = (("true", "true"), ("false", "false"))


class StrictFilterBackend(DjangoFilterBackend):
    """Filter a view's queryset by its ``filterset_class``, which knows every parameter."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: "APIView"
    ) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        paging = {CURSOR, PAGE_SIZE} if getattr(view, "paginator", None) else set()
        check_parameters(request, known | paging)
        try:
            filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        except ValidationError as wrong:
            raise InvalidParameters(problems=field_problems(wrong.detail)) from None
        return filtered


def check_parameters(request: Request, known: set[str]) -> None:
    """Refuse query parameters that are not `known`, come twice, or are empty.

    Raises:
        InvalidParameters: with `unknown_parameter`, `repeated_parameter` or `blank` for each.
    """
    problems = [
        problem
        for name, values in request.query_params.lists()
        if (problem := _problem(name, values, known))
    ]
    if problems:
        raise InvalidParameters(problems=problems)


def yes_or_no(request: Request, name: str) -> bool:
    """Read a parameter that is true or false, and false if it is not there.

    Raises:
        InvalidParameters: it is anything else.
    """
    given = request.query_params.get(name, "false")
    if given not in dict(YES_OR_NO):
        raise refuse_parameter(name, "true or false.")
    return _is_yes(given)


class TextFilter(CharFilter):
    """A text of at most `max_length` characters."""

    def __init__(self, *args: Any, max_length: int = MAX_TEXT_LENGTH, **kwargs: Any) -> None:
        super().__init__(*args, max_length=max_length, **kwargs)


def moment(request: Request, name: str) -> datetime | None:
    """Read a parameter that is a moment with its offset from UTC, None if it is not there.

    Raises:
        InvalidParameters: it is anything else.
    """
    given = request.query_params.get(name)
    if given is None:
        return None
    # A plus sign that was not encoded arrives as a space.
    try:
        found = parse_datetime(given.upper().replace(" ", "+"))
        return found.astimezone(UTC) if found and found.tzinfo else _refuse_moment(name)
    except (ValueError, OverflowError):
        return _refuse_moment(name)


def _refuse_moment(name: str) -> NoReturn:
    raise refuse_parameter(name, "A moment such as 2026-03-01T12:00:00Z.")


@extend_schema_field(bool)
class YesNoFilter(TypedChoiceFilter):
    """``true`` or ``false``; anything else is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_OR_NO, coerce=_is_yes, **kwargs)


class AmountField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if not AMOUNT.fullmatch(text):
            message = "An amount such as 1500.00, with at most two decimal places."
            raise DjangoValidationError(message, code="invalid")
        return to_money(Decimal(text))


@extend_schema_field({"type": "string", "pattern": r"^\d{1,12}(\.\d{1,2})?$"})
class AmountFilter(CharFilter):
    """An amount of money that is not negative."""

    field_class = AmountField


class OrderFilter(ChoiceFilter):
    """The list's order, from an allow-list of names; a leading hyphen turns it round.

    `orders` maps a name to the columns, each ending in the primary key.
    """

    def __init__(self, *, orders: Mapping[str, Sequence[str]]) -> None:
        self.orders = {**orders, **{f"-{n}": _reversed(o) for n, o in orders.items()}}
        super().__init__(choices=[(name, name) for name in self.orders], empty_label=None)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.order_by(*self.orders[value]) if value else qs


def _problem(name: str, values: list[str], known: set[str]) -> FieldProblem | None:
    if name not in known:
        name = name[:MAX_NAMED_LENGTH]
        return FieldProblem(name, "unknown_parameter", "There is no such parameter.")
    if len(values) > 1:
        return FieldProblem(name, "repeated_parameter", "This parameter is given once.")
    if not values[0].strip():
        return FieldProblem(name, "blank", "Leave the parameter out or give it a value.")
    return None


def _is_yes(value: str) -> bool:
    return value == "true"


def _reversed(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]
