"""Making sense of the rows of one handle: the product, its variants, its images."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mdv.ops.product_import.cells import (
    MAX_ALT,
    BadCell,
    read_barcode,
    read_compare_at_price,
    read_grams,
    read_image_position,
    read_line,
    read_price,
    read_quantity,
    read_sku,
    read_url,
)
from mdv.ops.product_import.columns import (
    MARKS_A_VARIANT,
    NO_OPTION_VALUE,
    OPTION_NAMES,
    OPTION_VALUES,
    Column,
)
from mdv.ops.product_import.entries import (
    Facts,
    ImageEntry,
    Note,
    VariantEntry,
)
from mdv.ops.product_import.facts import read_facts
from mdv.ops.product_import.reading import Refusal, Row
from shop.catalog.services.images import ImageChanges
from shop.catalog.services.products import RESERVED_SLUGS
from shop.catalog.services.variants import VariantChanges

HANDLE = re.compile(r"[a-z0-9_-]{1,140}")
MAX_OPTION_VALUE = 120


@dataclass(kw_only=True)
class Entry:
    """All that a file says about one product, and what of it makes no sense.

    `facts` is None where the rows have no title: they add to a product that the shop has.
    """

    handle: str
    facts: Facts | None = None
    has_variant_rows: bool = False
    variants: list[VariantEntry] = field(default_factory=list)
    images: list[ImageEntry] = field(default_factory=list)
    image_rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def refuse(self, row: Row, reason: str) -> None:
        """Leave out all that the row says about variants and images."""
        self.refusals.append(Refusal(row=row, reason=reason))
        self.variants = [variant for variant in self.variants if variant.row is not row]
        self.images = [image for image in self.images if image.row is not row]
        self.image_rows = [other for other in self.image_rows if other is not row]
        self.notes = [note for note in self.notes if note.row is not row]

    def refuse_the_rest(self, reason: str) -> None:
        """Leave out the whole product."""
        for row in self.rows:
            self.refuse(row, reason)
        self.facts = None

    @property
    def rows(self) -> list[Row]:
        """The rows that are not refused, in the file's order."""
        rows = [variant.row for variant in self.variants] + self.image_rows
        return sorted(rows, key=lambda row: row.line)


def interpret(handle: str, rows: Sequence[Row], *, known_options: Sequence[str] | None) -> Entry:
    """Read the rows of one handle.

    `known_options` are the option names of the product in the shop, None where there is none.
    """
    entry = Entry(handle=handle)
    title_row = next((row for row in rows if row.says(Column.TITLE)), None)
    problem = _problem_of_all(handle, title_row, known_options)
    if title_row is not None and not problem:
        try:
            entry.facts = read_facts(title_row, list(rows))
        except BadCell as bad:
            problem = f"The product's row (line {title_row.line}): {bad}"
    if problem:
        entry.refusals = [Refusal(row=row, reason=problem) for row in rows]
        return entry
    option_names = entry.facts.fields["option_names"] if entry.facts else known_options or []
    variant_rows = [row for row in rows if _is_about_a_variant(row)]
    places = {row.line: place for place, row in enumerate(variant_rows, start=1)}
    entry.has_variant_rows = bool(variant_rows)
    for row in rows:
        try:
            _check_same_product(row, title_row)
            _add(entry, row, option_names, places.get(row.line))
        except BadCell as bad:
            entry.refuse(row, str(bad))
    return entry


def _problem_of_all(handle: str, title_row: Row | None, known_options: Sequence[str] | None) -> str:
    if handle in RESERVED_SLUGS:
        return f"{Column.HANDLE} “{handle}” is used by the shop itself."
    if not HANDLE.fullmatch(handle):
        return f"{Column.HANDLE} “{handle[:40]}” may have up to 140 of a-z 0-9 - _ only."
    if title_row is None and known_options is None:
        return f"No row of “{handle}” has a {Column.TITLE}, and the shop has no such product."
    return ""


def _check_same_product(row: Row, title_row: Row | None) -> None:
    if title_row is None or row is title_row:
        return
    for column in (Column.TITLE, *OPTION_NAMES):
        if row.says(column) not in {"", title_row.says(column)}:
            raise BadCell(column, row.says(column), f"is another than on line {title_row.line}")


def _is_about_a_variant(row: Row) -> bool:
    return any(row.says(column) for column in MARKS_A_VARIANT)


def _add(entry: Entry, row: Row, option_names: Sequence[str], place: int | None) -> None:
    url = read_url(row, Column.IMAGE)
    if place is not None:
        entry.variants.append(_variant(entry, row, option_names, place))
    elif url:
        entry.image_rows.append(row)
    else:
        raise BadCell("The row", "", "has neither a variant nor an image")
    if url:
        _add_image(entry, row, url)


def _variant(entry: Entry, row: Row, option_names: Sequence[str], place: int) -> VariantEntry:
    options = _options(row, option_names)
    for other in entry.variants:
        if other.options == options:
            raise BadCell("The row", "", f"has the same options as line {other.row.line}")
    fields: VariantChanges = {"option_values": list(options), "price": read_price(row)}
    sku = read_sku(row)
    if sku:
        fields["sku"] = sku
    if entry.facts:
        fields["position"] = place
    if row.has(Column.COMPARE_AT_PRICE):
        fields["compare_at_price"] = read_compare_at_price(row)
    if row.has(Column.BARCODE):
        fields["barcode"] = read_barcode(row)
    if row.has(Column.GRAMS):
        fields["weight_grams"] = read_grams(row)
    return VariantEntry(
        row=row,
        options=options,
        fields=_without_false_reduction(entry, row, fields),
        quantity=_quantity(entry, row),
        image=read_url(row, Column.VARIANT_IMAGE),
    )


def _options(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    values = [read_line(row, column, MAX_OPTION_VALUE) for column in OPTION_VALUES]
    if not names and values[0] == NO_OPTION_VALUE:
        values[0] = ""
    for number, value in enumerate(values):
        if number < len(names) and not value:
            raise BadCell(OPTION_VALUES[number], "", f"is blank; it is the {names[number]}")
        if number >= len(names) and value:
            raise BadCell(OPTION_VALUES[number], value, f"has no {OPTION_NAMES[number]}")
    return tuple(values[: len(names)])


def _without_false_reduction(entry: Entry, row: Row, fields: VariantChanges) -> VariantChanges:
    before = fields.get("compare_at_price")
    if before is None or before > fields["price"]:
        return fields
    text = f"{Column.COMPARE_AT_PRICE} “{before}” is not above the price and was left out."
    entry.notes.append(Note(row=row, text=text))
    return {**fields, "compare_at_price": None}


def _quantity(entry: Entry, row: Row) -> int | None:
    quantity = read_quantity(row)
    if quantity is None or quantity >= 0:
        return quantity
    text = f"{Column.QUANTITY} “{quantity}” is below zero and was taken as 0."
    entry.notes.append(Note(row=row, text=text))
    return 0


def _add_image(entry: Entry, row: Row, url: str) -> None:
    fields: ImageChanges = {}
    position = read_image_position(row)
    if position is not None:
        fields["position"] = position
    if row.has(Column.IMAGE_ALT):
        fields["alt"] = read_line(row, Column.IMAGE_ALT, MAX_ALT)
    entry.images.append(ImageEntry(row=row, url=url, fields=fields))
