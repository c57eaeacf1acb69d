"""Lists, page by page, by the values of the last row seen: as fast on page 1,000 as on page 1."""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Model, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils import timezone
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.parameters import refuse_parameter

if TYPE_CHECKING:
    from rest_framework.views import APIView

CURSOR = "cursor"
PAGE_SIZE = "page_size"
WHOLE_NUMBER = re.compile(r"[0-9]{1,4}")


class Pages(BasePagination):
    """Page through a queryset that is ordered, ending in its primary key.

    ``page_size`` (default 20, at most 100) and ``cursor`` are refused with 400 when they are junk.
    What it is ordered by must come back from the database as exactly what it is: cast a ``real``,
    such as a search rank, to a FloatField.
    """

    page_size = 20
    max_page_size = 100
    next_url: str | None

    def paginate_queryset(  # type: ignore[override]  # a list has no order to page by
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        order = [str(name) for name in queryset.query.order_by]
        if not order or order[-1].lstrip("-") not in {"pk", "id"}:
            raise AssertionError("A paged queryset needs an order that ends in its primary key.")
        size = self._size(request)
        cursor = request.query_params.get(CURSOR)
        if cursor is not None:
            columns = [_Column(name, queryset) for name in order]
            queryset = queryset.filter(_after(columns, _values(cursor, columns)))
        rows = list(queryset[: size + 1])
        self.next_url = _next_url(request, order, rows[size - 1]) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_url, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_page = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The next page, or null on the last.",
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": next_page, "results": schema},
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return [
            {"name": CURSOR, "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": PAGE_SIZE, "in": "query", "required": False, "schema": size},
        ]

    def _size(self, request: Request) -> int:
        given = request.query_params.get(PAGE_SIZE)
        if given is None:
            return self.page_size
        if not WHOLE_NUMBER.fullmatch(given) or not 1 <= int(given) <= self.max_page_size:
            message = f"A whole number from 1 to {self.max_page_size}."
            raise refuse_parameter(PAGE_SIZE, message)
        return int(given)


class StaffPages(Pages):
    """Longer pages for the back office's own lists."""

    page_size = 100
    max_page_size = 1000


class _Column:
    """One column of an order, with its field and its direction."""

    def __init__(self, name: str, queryset: QuerySet[Any]) -> None:
        self.name = name.lstrip("-")
        self.descending = name.startswith("-")
        meta = queryset.model._meta
        if self.name in queryset.query.annotations:
            self.field: Any = queryset.query.annotations[self.name].output_field
            self.nullable = True
        else:
            self.field = meta.pk if self.name == "pk" else meta.get_field(self.name)
            self.nullable = self.field.null and not _is_filled(self.field, queryset)

    def is_at(self, value: Any) -> Q:
        return Q(**{self.name: value}) if value is not None else self._is_null(yes=True)

    def is_behind(self, value: Any, *, or_at: bool = False) -> Q:
        """Compare as PostgreSQL orders: NULL comes last, and first when descending."""
        if value is None:
            return self._is_null(yes=False) if self.descending else Q(pk__in=[])
        step = ("lt" if self.descending else "gt") + ("e" if or_at else "")
        found = Q(**{f"{self.name}__{step}": value})
        return found if self.descending or not self.nullable else found | self._is_null(yes=True)

    def _is_null(self, *, yes: bool) -> Q:
        return Q(**{f"{self.name}__isnull": yes})

    def read(self, value: Any) -> Any:
        """Read a cursor's value as the column's type, so that junk never reaches the database.

        Raises:
            ValueError, TypeError, OverflowError, ValidationError: it is none.
        """
        if value is None and self.nullable:
            return None
        if isinstance(value, bool) != isinstance(self.field, BooleanField):
            raise ValueError(value)
        if not isinstance(value, str | int | float) or "\x00" in str(value):
            raise ValueError(value)
        typed = self.field.to_python(value)
        if isinstance(typed, datetime) and timezone.is_naive(typed):
            raise ValueError(value)
        self.field.run_validators(typed)
        return typed


def _is_filled(field: Any, queryset: QuerySet[Any]) -> bool:
    """Tell whether the queryset leaves out rows without a value: then an index can be followed."""
    return any(
        isinstance(condition, IsNull)
        and condition.rhs is False
        and getattr(condition.lhs, "target", None) == field
        for condition in queryset.query.where.children
    )


def _after(columns: Sequence[_Column], values: Sequence[Any]) -> Q:
    """Select the rows behind `values`: (a, b) > (x, y) is a > x, or a = x and b > y."""
    found = Q()
    equal = Q()
    for column, value in zip(columns, values, strict=True):
        found |= equal & column.is_behind(value)
        equal &= column.is_at(value)
    if values[0] is None:
        return found
    # Implied, but without it the index is read from its beginning.
    return columns[0].is_behind(values[0], or_at=True) & found


def _next_url(request: Request, order: Sequence[str], last: Model) -> str:
    values = [getattr(last, name.lstrip("-")) for name in order]
    cursor = base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")
    parameters = request.query_params.copy()
    parameters[CURSOR] = cursor
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


def _values(cursor: str, columns: Sequence[_Column]) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = orjson.loads(base64.urlsafe_b64decode(padded))
        values = found if isinstance(found, list) else []
        return [column.read(value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, ValidationError, TypeError, OverflowError):
        raise refuse_parameter(CURSOR, "This cursor was not made for this list.") from None
