"""Money: exact decimals with two places, one model field that is strict, one way to split.

Amounts are :class:`~decimal.Decimal` in the shop's currency. Conversion to a gateway's smallest
unit is the gateway adapter's business alone.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

# What may be assigned and what is read; a nullable field adds None to both.
_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)

MAX_DIGITS = 14
PLACES = 2
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
TOO_LARGE = Decimal(10) ** (MAX_DIGITS - PLACES)
# The dearest thing on sale. Sums of 999 of them over many lines still fit MAX_DIGITS.
MAX_PRICE = Decimal("99999999.99")
# Where a sign says more to people than the code does.
SIGNS = {"NGN": "₦", "USD": "$", "EUR": "€", "GBP": "£", "GHS": "GH₵"}


def to_money(value: Any) -> Decimal:
    """Return `value` as an exact amount with two places.

    Raises:
        ValidationError: a float, more than two places, NaN, too large, or no number at all.
    """
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise ValidationError("An amount is a decimal or a string, never a float.", code="money")
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise ValidationError("This is not an amount.", code="money") from None
    if not amount.is_finite():
        raise ValidationError("This is not an amount.", code="money")
    if abs(amount) >= TOO_LARGE:
        raise ValidationError("This amount is too large.", code="money")
    exact = amount.quantize(CENT)
    if exact != amount:
        raise ValidationError("An amount has at most two decimal places.", code="money")
    return exact + ZERO  # turns -0.00 into 0.00


def round_money(value: Decimal) -> Decimal:
    """Round to two places, halves away from zero, as invoices do."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def write_money(amount: Decimal, currency: str) -> str:
    """Return an amount as papers and mails show it: ``₦1,500.00``, or ``KES 1,500.00``."""
    sign = SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    minus = "−" if amount < 0 else ""
    return f"{minus}{sign}{abs(amount):,.2f}"


def allocate(total: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Split `total` in proportion to `weights` so that the parts sum to it exactly.

    Largest remainder; ties go to the earlier part. With all weights zero everything goes to the
    first part. The only way in which anything is split.

    Raises:
        ValueError: no weights, a negative weight, or a total with more than two places.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("allocate() needs weights that are not negative")
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    units = _units(total)
    fractions = [Fraction(weight) for weight in weights]
    if not any(fractions):
        fractions[0] = Fraction(1)
    whole = sum(fractions)
    exact = [units * fraction / whole for fraction in fractions]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: units - sum(parts)]:
        parts[i] += 1
    return [part * CENT for part in parts]


def _units(total: Decimal) -> int:
    units = total / CENT
    if units != units.to_integral_value():
        raise ValueError(f"{total} has more than two decimal places")
    return int(units)


class MoneyField(models.DecimalField[_Set_contra, _Get_co]):
    """An amount that is refused, not rounded, when it has more than two places.

    A plain DecimalField stores 10.005 as 10.01 without a word.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs["max_digits"] = MAX_DIGITS
        kwargs["decimal_places"] = PLACES
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def to_python(self, value: Any) -> Any:
        return None if value is None else to_money(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, float | int | str | Decimal):
            value = to_money(value)
        return super().get_db_prep_value(value, connection, prepared)
