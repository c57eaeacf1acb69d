"""Holding what the rows say against what the shop has: what is new, what differs."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Model
from django.utils.text import slugify

from mdv.ops.product_import.claims import Claims
from mdv.ops.product_import.entries import (
    Note,
    VariantEntry,
)
from mdv.ops.product_import.interpreting import Entry
from mdv.ops.product_import.matching import Matches
from mdv.ops.product_import.reading import Row
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.services.images import MAX_IMAGES, ImageChanges
from shop.catalog.services.products import ProductChanges
from shop.catalog.services.variants import VariantChanges
from shop.catalog.states import ProductStatus
from shop.stock.models import StockItem

SLUG_DIGEST = 8  # characters
NO_VARIANT_LEFT = "None of the product's variants can be imported."


@dataclass(frozen=True, kw_only=True)
class ImageStep:
    """An image: `present` in the shop or new, with the fields to set."""

    row: Row
    url: str
    present: ProductImage | None
    fields: ImageChanges


@dataclass(frozen=True, kw_only=True)
class VariantStep:
    """A variant: `present` in the shop or new, with the fields to set.

    `image` is the address of the image to link, "" for no change. `quantity` is what the file
    says is on hand, None for nothing; `on_hand` is what the shop has, in units.
    """

    row: Row
    sku: str
    present: Variant | None
    fields: VariantChanges
    image: str
    quantity: int | None
    on_hand: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One product: `present` in the shop or new, with the fields to set.

    `category` is the name of the category to move it to, "" for no change; `status` None likewise.
    """

    entry: Entry
    present: Product | None
    fields: ProductChanges
    category: str
    status: ProductStatus | None
    images: list[ImageStep]
    variants: list[VariantStep]


def plan_product(entry: Entry, present: Product | None, claims: Claims) -> Plan | None:
    """Say what importing `entry` would do, None if nothing of it can be imported.

    Refuses rows of `entry` on the way. `present` has its variants with images and stock, its
    images and its category prefetched.
    """
    matches = Matches(entry, present, claims)
    images = _image_steps(entry, present)
    if entry.has_variant_rows and not entry.variants:
        entry.refuse_the_rest(NO_VARIANT_LEFT)
    if not entry.rows:
        return None
    remaining = {row.line for row in entry.rows}
    return Plan(
        entry=entry,
        present=present,
        fields=_product_fields(entry, present),
        category=_category(entry, present),
        status=_status(entry, present),
        images=[step for step in images if step.row.line in remaining],
        variants=[_variant_step(variant, matches) for variant in entry.variants],
    )


def category_slug(name: str) -> str:
    """Return the slug under which the category of that name is looked for."""
    return slugify(name) or f"category-{hashlib.sha256(name.encode()).hexdigest()[:SLUG_DIGEST]}"


def _product_fields(entry: Entry, present: Product | None) -> ProductChanges:
    if entry.facts is None:
        return {}
    wanted: ProductChanges = {**entry.facts.fields, "slug": entry.handle}
    return cast("ProductChanges", differences(present, wanted))


def _category(entry: Entry, present: Product | None) -> str:
    if entry.facts is None or not entry.facts.category:
        return ""
    name = entry.facts.category
    now = present.category if present else None
    return "" if now is not None and now.slug == category_slug(name) else name


def _status(entry: Entry, present: Product | None) -> ProductStatus | None:
    """Return the status to set. Whom staff have archived, “Published” does not bring back."""
    if entry.facts is None:
        return None
    now = ProductStatus(present.status) if present else ProductStatus.DRAFT
    if now == ProductStatus.ARCHIVED and not entry.facts.status_is_explicit:
        return None
    return None if entry.facts.status == now else entry.facts.status


def _image_steps(entry: Entry, present: Product | None) -> list[ImageStep]:
    known = {image.source_url: image for image in present.images.all()} if present else {}
    count = len(present.images.all()) if present else 0
    steps: dict[str, ImageStep] = {}
    for row, url, fields in list(_wanted_images(entry)):
        if url in steps:
            if fields is not None:
                text = f"The image is the same as on line {steps[url].row.line}."
                entry.notes.append(Note(row=row, text=text))
            continue
        image = known.get(url)
        if image is None and count >= MAX_IMAGES:
            entry.refuse(row, f"A product has at most {MAX_IMAGES} images.")
            continue
        count += image is None
        changes = cast("ImageChanges", differences(image, fields or {}))
        steps[url] = ImageStep(row=row, url=url, present=image, fields=changes)
    return list(steps.values())


def _wanted_images(entry: Entry) -> Iterator[tuple[Row, str, ImageChanges | None]]:
    """Yield the images in their order, then those that only a variant refers to."""
    last = float("inf")
    for image in sorted(entry.images, key=lambda image: image.fields.get("position", last)):
        yield image.row, image.url, image.fields
    for variant in entry.variants:
        if variant.image:
            yield variant.row, variant.image, None


def _variant_step(entry: VariantEntry, matches: Matches) -> VariantStep:
    present, sku = matches.variant(entry), matches.sku(entry)
    wanted: VariantChanges = {**entry.fields, "sku": sku}
    linked = present.image.source_url if present and present.image else ""
    return VariantStep(
        row=entry.row,
        sku=sku,
        present=present,
        fields=cast("VariantChanges", differences(present, wanted)),
        image="" if entry.image == linked else entry.image,
        quantity=entry.quantity,
        on_hand=_on_hand(present),
    )


def _on_hand(present: Variant | None) -> int:
    try:
        return present.stock.on_hand if present else 0
    except StockItem.DoesNotExist:
        return 0


def differences(present: Model | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `fields` that `present` has otherwise; all of them where it is None."""
    return {
        name: value
        for name, value in fields.items()
        if present is None or getattr(present, name) != value
    }
