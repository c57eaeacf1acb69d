"""What one handle's rows say, typed. A field that the file has no column for is left out."""

from dataclasses import dataclass

from mdv.ops.product_import.reading import Row
from shop.catalog.services.images import ImageChanges
from shop.catalog.services.products import ProductChanges
from shop.catalog.services.variants import VariantChanges
from shop.catalog.states import ProductStatus


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The product itself. A blank category or a status of None leaves what the shop has.

    `status_is_explicit`: it comes from the status column, not merely from “Published”.
    """

    fields: ProductChanges
    category: str
    status: ProductStatus | None
    status_is_explicit: bool


@dataclass(frozen=True, kw_only=True)
class VariantEntry:
    """One variant. `quantity` is the units on hand, None where the file says nothing."""

    row: Row
    options: tuple[str, ...]
    fields: VariantChanges
    quantity: int | None
    image: str


@dataclass(frozen=True, kw_only=True)
class ImageEntry:
    """One image row, or the image part of a variant's row."""

    row: Row
    url: str
    fields: ImageChanges


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that was imported otherwise than the row says, and how."""

    row: Row
    text: str
