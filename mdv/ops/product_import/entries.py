"""What one handle's rows say, typed. A field that the file has no column for is left out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from mdv.ops.product_import.reading import Row
from shop.catalog.states import ProductStatus


class ProductFields(TypedDict, total=False):
    title: str
    description: str
    vendor: str
    tags: list[str]
    option_names: list[str]


class VariantFields(TypedDict, total=False):
    sku: str
    option_values: list[str]
    price: Decimal
    compare_at_price: Decimal | None
    barcode: str
    weight_grams: int
    position: int


class ImageFields(TypedDict, total=False):
    position: int
    alt: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The product itself. A blank category or a status of None leaves what the shop has.

    `status_is_explicit`: it comes from the status column, not merely from “Published”.
    """

    fields: ProductFields
    category: str
    status: ProductStatus | None
    status_is_explicit: bool


@dataclass(frozen=True, kw_only=True)
class VariantEntry:
    """One variant. `quantity` is the units on hand, None where the file says nothing."""

    row: Row
    options: tuple[str, ...]
    fields: VariantFields
    quantity: int | None
    image: str


@dataclass(frozen=True, kw_only=True)
class ImageEntry:
    """One image row, or the image part of a variant's row."""

    row: Row
    url: str
    fields: ImageFields


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that was imported otherwise than the row says, and how."""

    row: Row
    text: str
