"""JSON as the API accepts it."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

MAX_DEPTH = 20
MAX_VALUES = 5_000  # in all of a document


class StrictJSONParser(BaseParser):
    """Read JSON as RFC 8259 has it, and refuse what would break further down.

    Refused, with 400: NaN and Infinity, lone surrogates, NUL characters (PostgreSQL cannot store
    them), invalid UTF-8, nesting deeper than ``MAX_DEPTH``, more than
    ``MAX_VALUES`` values. Of a name given twice the last counts.
    Too long a body is refused with 413: Django looks at the length of forms alone.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise ParseError("The body is not valid JSON.", code="malformed_json") from None
        _Checked().look_at(parsed, depth=1)
        return parsed


class _Checked:
    """Looks at everything in a document, as long as it is not too much."""

    def __init__(self) -> None:
        self.left = MAX_VALUES

    def look_at(self, value: Any, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ParseError("The JSON is nested too deeply.", code="malformed_json")
        if isinstance(value, str):
            if "\x00" in value:
                raise ParseError("NUL characters are not allowed.", code="malformed_json")
        elif isinstance(value, list | dict):
            self._count(len(value))
            for key in value if isinstance(value, dict) else ():
                self.look_at(key, depth=depth)
            for item in value.values() if isinstance(value, dict) else value:
                self.look_at(item, depth=depth + 1)

    def _count(self, more: int) -> None:
        self.left -= more
        if self.left < 0:
            detail = f"The JSON has more than {MAX_VALUES} values."
            raise ParseError(detail, code="too_many_values")
