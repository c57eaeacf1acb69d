"""Keeping variants: what exactly is bought, and at which price."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Count, Max

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.services.checks import check_fields, line, lock, refuse, save_changes, set_changes
from shop.catalog.services.names import insert_named, sku_from

SKU_IS_UNIQUE = "sku_is_unique"
# Paths beside /staff/stock/{sku}.
RESERVED_SKUS = frozenset({"low"})
MAX_VARIANTS = 250  # of one product: what one page of it can show


class TooManyVariants(Conflict):
    code = "too_many_variants"
    detail = f"A product has at most {MAX_VARIANTS} variants."


class VariantChanges(TypedDict, total=False):
    sku: str
    option_values: Sequence[str]
    price: Decimal
    compare_at_price: Decimal | None
    barcode: str
    weight_grams: int
    position: int
    image_id: int | None


@transaction.atomic
def create_variant(
    *,
    product_id: int,
    price: Decimal,
    sku: str = "",
    option_values: Sequence[str] = (),
    compare_at_price: Decimal | None = None,
    barcode: str = "",
    weight_grams: int = 0,
    position: int | None = None,
    image_id: int | None = None,
) -> Variant:
    """Add a variant, without `position` as the last. Without a `sku` one is made up.

    Raises:
        NotFound: there is no such product.
        Invalid: a field is wrong, an option lacks its value, the image is another product's.
        TooManyVariants: 409, with MAX_VARIANTS it is full.
        IntegrityError: 409 `sku_is_unique` or `variant_options_are_unique_within_product`.
    """
    product = lock(Product, product_id)
    values = _option_values(product, option_values)
    last = _last_position(product)
    variant = Variant(
        product=product,
        sku=_sku(sku) or sku_from(product.slug, values),
        option_values=values,
        price=price,
        compare_at_price=compare_at_price,
        barcode=line("barcode", barcode),
        weight_grams=weight_grams,
        position=last + 1 if position is None else position,
        image_id=image_id,
    )
    check_fields(variant)
    _check(variant)
    if sku:
        variant.save(force_insert=True)
    else:
        insert_named(variant, field="sku", constraint=SKU_IS_UNIQUE)
    variant.refresh_from_db()
    return variant


@transaction.atomic
def update_variant(
    *, variant_id: int, version: int | None = None, **changes: Unpack[VariantChanges]
) -> Variant:
    """Change a variant. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such variant.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong, an option lacks its value, the image is another product's.
        IntegrityError: 409 `sku_is_unique` or `variant_options_are_unique_within_product`.
    """
    product, variant = _lock(variant_id)
    check_version(variant, present=variant.version, expected=version)
    tidy = changes.copy()
    if "sku" in changes:
        tidy["sku"] = _sku(changes["sku"])
    if "option_values" in changes:
        tidy["option_values"] = _option_values(product, changes["option_values"])
    if "barcode" in changes:
        tidy["barcode"] = line("barcode", changes["barcode"])
    changed = set_changes(variant, tidy)
    _check(variant)
    save_changes(variant, changed)
    return variant


@transaction.atomic
def archive_variant(
    *, variant_id: int, version: int | None = None, is_archived: bool = True
) -> Variant:
    """Stop selling a variant, or with `is_archived` false sell it again.

    Raises:
        NotFound: there is no such variant.
        Stale: 412, someone changed it since.
    """
    _, variant = _lock(variant_id)
    check_version(variant, present=variant.version, expected=version)
    save_changes(variant, set_changes(variant, {"is_archived": is_archived}))
    return variant


@transaction.atomic
def delete_variant(*, variant_id: int) -> None:
    """Delete a variant that never had stock and was never sold.

    Raises:
        NotFound: there is no such variant.
        ProtectedError: 409 `protected`: archive it instead.
    """
    _, variant = _lock(variant_id)
    variant.delete()


def _lock(variant_id: int) -> tuple[Product, Variant]:
    """Lock the product, then the variant: the order that everybody keeps to."""
    product_id = Variant.objects.filter(pk=variant_id).values_list("product_id", flat=True).first()
    return lock(Product, product_id or 0), lock(Variant, variant_id)


def _last_position(product: Product) -> int:
    found = product.variants.aggregate(count=Count("id"), last=Max("position"))
    if found["count"] >= MAX_VARIANTS:
        raise TooManyVariants
    return -1 if found["last"] is None else int(found["last"])


def _sku(sku: str) -> str:
    if sku in RESERVED_SKUS:
        raise refuse("sku", "reserved", "The shop itself uses this SKU.")
    return sku


def _option_values(product: Product, values: Sequence[str]) -> list[str]:
    tidy = [line("option_values", value) for value in values]
    if len(tidy) != len(product.option_names):
        names = ", ".join(product.option_names) or "none"
        message = f"One value for each option of the product: {names}."
        raise refuse("option_values", "one_per_option", message)
    return tidy


def _check(variant: Variant) -> None:
    """Hold together what one field alone cannot tell."""
    reduced_from = variant.compare_at_price
    if reduced_from is not None and reduced_from <= variant.price:
        message = "It must be above the price, or left out."
        raise refuse("compare_at_price", "not_above_price", message)
    if variant.image_id is None:
        return
    images = ProductImage.objects.filter(product_id=variant.product_id, pk=variant.image_id)
    if not images.exists():
        raise refuse("image_id", "not_found", "The product has no such image.")
