"""What the API reads and writes, strictly: a client learns of its mistakes instead of guessing.

Input serializers (``…In``) derive from :class:`StrictSerializer` and use the fields here: a JSON
string is text, a JSON integer is a number, a JSON boolean is a yes or no, and nothing is turned
into anything else. Money is a string in both directions.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from mdv.kernel.money import CENT, MAX_DIGITS, PLACES, ZERO
from mdv.kernel.text import INVISIBLE, MISLEADING

MAX_INTEGER = 2**31 - 1
MAX_TEXT_LENGTH = 10_000
MAX_NAMED_KEY_LENGTH = 64
MAX_NAMED_KEYS = 20
# C0 and C1 controls, and the two separators that browsers and mail programs break lines at.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROLS_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
AMOUNT = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS - PLACES}}}(\.[0-9]{{1,{PLACES}}})?")


class StrictSerializer(serializers.Serializer[Any]):
    """Input whose keys are all known: an unknown one is a 400, not a silent misunderstanding."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown_keys(data)
        try:
            known = super().to_internal_value(data)
        except serializers.ValidationError as problem:
            if unknown and isinstance(problem.detail, dict):
                raise serializers.ValidationError({**problem.detail, **unknown}) from None
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return known

    def _unknown_keys(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        message = ErrorDetail("There is no such field.", code="unknown_field")
        unknown = islice((key for key in data if key not in known), MAX_NAMED_KEYS)
        return {str(key)[:MAX_NAMED_KEY_LENGTH]: [message] for key in unknown}


class ListField(serializers.ListField):
    """A JSON array of at most `max_length` items.

    DRF looks at the length last: of an array that is too long each item would be checked first.
    """

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        items: list[Any] = super().to_internal_value(data)
        return items


class LineField(serializers.CharField):
    """One line of text: a name, a code. Numbers are not text, line breaks are not allowed."""

    default_error_messages = {
        "control_characters": "This is one line of printable text.",
        "invisible_characters": "Characters that cannot be seen or that turn the direction of "
        "writing are not allowed.",
    }
    refused = CONTROLS
    misleading = INVISIBLE

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        if self.refused.search(text):
            self.fail("control_characters")
        if self.misleading.search(text):
            self.fail("invisible_characters")
        return text


class TextField(LineField):
    """Text of several lines."""

    default_error_messages = {"control_characters": "Control characters are not allowed."}
    refused = CONTROLS_BUT_LINES
    misleading = MISLEADING

    def __init__(self, *, max_length: int = MAX_TEXT_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


class EmailField(serializers.EmailField):
    """An e-mail address, in lower case as the shop stores it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).lower()


class IntegerField(serializers.IntegerField):
    """A JSON integer. Neither "1" nor 1.0 nor true is one; out of range is refused."""

    def __init__(self, *, min_value: int = 0, max_value: int = MAX_INTEGER, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class BooleanField(serializers.BooleanField):
    """A JSON true or false. Neither "yes" nor 1 is one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class MoneyField(serializers.Field[Decimal, Any, str, Any]):
    """An amount of the object's currency, as a string with two places: ``"1500.00"``.

    A JSON number is refused: whoever sends one has already been through a binary fraction.
    """

    default_error_messages = {
        "invalid": 'An amount is a string such as "1500.00", with at most two decimal places.',
        "min_value": "This amount is too small.",
        "max_value": "This amount is too large.",
    }

    def __init__(
        self, *, min_value: Decimal = ZERO, max_value: Decimal | None = None, **kwargs: Any
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not AMOUNT.fullmatch(data):
            self.fail("invalid")
        # The sum turns "-0" into 0.00.
        amount = Decimal(data).quantize(CENT) + ZERO
        if amount < self.min_value:
            self.fail("min_value")
        if self.max_value is not None and amount > self.max_value:
            self.fail("max_value")
        return amount

    def to_representation(self, value: Decimal) -> str:
        return str(value.quantize(CENT))
