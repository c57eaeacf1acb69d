"""Lists, page by page, by the values of the last row seen: as fast on page 1,000 as on page 1."""

import base64
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.kernel.errors import FieldProblem, Invalid

if TYPE_CHECKING:
    from rest_framework.views import APIView

CURSOR = "cursor"
PAGE_SIZE = "page_size"
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")


class Pages(BasePagination):
    """Page through a queryset that is ordered, ending in its primary key.

    ``page_size`` (default 20, at most 100) and ``cursor`` are refused with 400 when they are junk.
    """

    page_size = 20
    max_page_size = 100
    next_url: str | None

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        order = [str(name) for name in queryset.query.order_by]
        if not order or order[-1].lstrip("-") not in {"pk", "id"}:
            raise AssertionError("A paged queryset needs an order that ends in its primary key.")
        size = self._size(request)
        cursor = request.query_params.get(CURSOR)
        if cursor is not None:
            queryset = queryset.filter(_after(order, _values(cursor, order, queryset)))
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
        if (
            not given.isascii()
            or not given.isdigit()
            or not 1 <= int(given[:9]) <= self.max_page_size
        ):
            message = f"A whole number from 1 to {self.max_page_size}."
            raise Invalid(problems=[FieldProblem(PAGE_SIZE, "invalid", message)])
        return int(given)


class StaffPages(Pages):
    """Longer pages for the back office's own lists."""

    page_size = 100
    max_page_size = 1000


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Select the rows behind `values`: (a, b) > (x, y) is a > x, or a = x and b > y."""
    found = Q()
    equal = Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        step = "lt" if name.startswith("-") else "gt"
        found |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    return found


def _next_url(request: Request, order: Sequence[str], last: Model) -> str:
    values = [getattr(last, name.lstrip("-")) for name in order]
    cursor = base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")
    parameters = {**request.query_params.dict(), CURSOR: cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")


def _values(cursor: str, order: Sequence[str], queryset: QuerySet[Any]) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = list(orjson.loads(base64.urlsafe_b64decode(padded)))
        fields = [_field(name.lstrip("-"), queryset) for name in order]
        return [_typed(field, value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, ValidationError, TypeError, OverflowError):
        problem = FieldProblem(CURSOR, "invalid", "This cursor was not made for this list.")
        raise Invalid(problems=[problem]) from None


def _field(name: str, queryset: QuerySet[Any]) -> Any:
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    meta = queryset.model._meta
    return meta.pk if name == "pk" else meta.get_field(name)


def _typed(field: Any, value: Any) -> Any:
    """Read a cursor's value as the column's type, so that junk never reaches the database."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or "\x00" in str(value):
        raise ValueError(value)
    typed = field.to_python(value)
    field.run_validators(typed)
    return typed
