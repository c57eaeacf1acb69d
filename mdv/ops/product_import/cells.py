"""Reading single cells strictly: what could be meant in two ways is refused, never guessed."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from mdv.kernel.errors import Invalid
from mdv.kernel.money import MAX_PRICE, to_money
from mdv.ops.product_import.columns import Column
from mdv.ops.product_import.reading import Row
from shop.catalog.models import SKU_PATTERN
from shop.catalog.services.checks import line, rich_text
from shop.catalog.services.variants import RESERVED_SKUS
from shop.stock.services import MAX_CHANGE

AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
WEIGHT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
SKU = re.compile(SKU_PATTERN)
YES = frozenset({"true", "yes", "1"})
NO = frozenset({"false", "no", "0"})

SHOWN = 40  # characters of a bad cell: enough to find it
MAX_URL = 500
MAX_BARCODE = 64
MAX_ALT = 255

_check_url = URLValidator(schemes=["http", "https"])


class BadCell(Exception):
    """A cell that cannot be used. The text names the column, shows the cell, says what is wrong."""

    def __init__(self, column: str, value: str, problem: str) -> None:
        shown = f"{value[:SHOWN]}…" if len(value) > SHOWN else value
        super().__init__(f"{column} “{shown}” {problem}." if value else f"{column} {problem}.")


def read_line(row: Row, column: str, limit: int) -> str:
    """Return the cell as the shop keeps short texts: one line, its spaces tidied.

    Raises:
        BadCell: it has control characters, or more than `limit` characters.
    """
    try:
        return short_enough(column, line(column, row.says(column)), limit)
    except Invalid:
        raise BadCell(column, "", "has control characters") from None


def read_html(row: Row, column: str, limit: int) -> str:
    """Return the cell as the shop keeps descriptions: nothing but simple formatting.

    Raises:
        BadCell: as :func:`read_line`.
    """
    try:
        return short_enough(column, rich_text(column, row.says(column)), limit)
    except Invalid:
        raise BadCell(column, "", "has control characters") from None


def read_price(row: Row) -> Decimal:
    """Return the variant's price.

    Raises:
        BadCell: it is blank, not an amount with at most two places, or above MAX_PRICE.
    """
    price = _amount(row, Column.PRICE)
    if price is None:
        raise BadCell(Column.PRICE, "", "is blank")
    return price


def read_compare_at_price(row: Row) -> Decimal | None:
    """Return the former price, or None.

    Raises:
        BadCell: as :func:`read_price`.
    """
    return _amount(row, Column.COMPARE_AT_PRICE)


def read_grams(row: Row) -> int:
    """Return the weight in whole grams; old exports have fractions.

    Raises:
        BadCell: it is negative or not a number.
    """
    text = row.says(Column.GRAMS) or "0"
    if not WEIGHT.fullmatch(text):
        raise BadCell(Column.GRAMS, text, "is not a weight")
    return int(Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def read_quantity(row: Row) -> int | None:
    """Return the units on hand, which Shopify lets fall below zero; None where it says nothing.

    Raises:
        BadCell: it is not a whole number, or more than one movement may bring.
    """
    text = row.says(Column.QUANTITY)
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text):
        raise BadCell(Column.QUANTITY, text, "is not a whole number")
    if int(text) > MAX_CHANGE:
        raise BadCell(Column.QUANTITY, text, f"is more than {MAX_CHANGE}")
    return int(text)


def read_sku(row: Row) -> str:
    """Return the SKU, or "" where the file leaves it to us.

    Raises:
        BadCell: it has characters that an SKU may not have, or is too long.
    """
    sku = row.says(Column.SKU).removeprefix("'")  # Shopify's guard against spreadsheets
    if sku and not SKU.fullmatch(sku):
        raise BadCell(Column.SKU, sku, "may have up to 64 of A-Z a-z 0-9 . _ - only")
    if sku in RESERVED_SKUS:
        raise BadCell(Column.SKU, sku, "is used by the shop itself")
    return sku


def read_barcode(row: Row) -> str:
    """Return the barcode.

    Raises:
        BadCell: it is too long or has control characters.
    """
    barcode = read_line(row, Column.BARCODE, MAX_BARCODE + 1).removeprefix("'")
    return short_enough(Column.BARCODE, barcode, MAX_BARCODE)


def read_url(row: Row, column: str) -> str:
    """Return an image's address, or "".

    Raises:
        BadCell: it is not an http or https address, or is too long.
    """
    url = short_enough(column, row.says(column), MAX_URL)
    try:
        if url:
            _check_url(url)
    except ValidationError:
        raise BadCell(column, url, "is not an http or https address") from None
    return url


def read_image_position(row: Row) -> int | None:
    """Return the place of the image among the product's, or None where it is left to us.

    Raises:
        BadCell: it is not a whole number from 1.
    """
    text = row.says(Column.IMAGE_POSITION)
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text) or int(text) < 1:
        raise BadCell(Column.IMAGE_POSITION, text, "is not a whole number from 1")
    return int(text)


def read_yes(row: Row, column: str) -> bool | None:
    """Return a true or false, or None for a blank cell.

    Raises:
        BadCell: it is neither.
    """
    text = row.says(column).lower()
    if text and text not in YES | NO:
        raise BadCell(column, text, "is neither true nor false")
    return text in YES if text else None


def short_enough(column: str, text: str, limit: int) -> str:
    """Return the text as it is.

    Raises:
        BadCell: it has more than `limit` characters.
    """
    if len(text) > limit:
        raise BadCell(column, text, f"is longer than {limit} characters")
    return text


def _amount(row: Row, column: str) -> Decimal | None:
    text = row.says(column)
    if not text:
        return None
    if not AMOUNT.fullmatch(text):
        raise BadCell(column, text, "is not an amount such as 1000.00")
    try:
        amount = to_money(text)
    except ValidationError:
        raise BadCell(column, text, "has more than two decimal places") from None
    if amount > MAX_PRICE:
        raise BadCell(column, text, f"is more than {MAX_PRICE}")
    return amount
