"""Keeping variants: what exactly is bought, and at which price."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.catalog.models import Product, Variant
from shop.catalog.services.checks import check_fields, line, lock, refuse, write_changes
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
        TooManyVariants: 409.
        IntegrityError: 409 `sku_is_unique` or `variant_options_are_unique_within_product`.
    """
    product = lock(Product, product_id)
    values = _option_values(product, option_values)
    variant = Variant(
        product=product,
        sku=_sku(sku) or sku_from(product.slug, values),
        option_values=values,
        price=price,
        compare_at_price=compare_at_price,
        barcode=line("barcode", barcode),
        weight_grams=weight_grams,
        position=_next_position(product) if position is None else position,
        image_id=image_id,
    )
    _check(variant, product)
    if product.variants.count() >= MAX_VARIANTS:
        raise TooManyVariants
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
    _check_together(product, {**_facts(variant), **tidy})
    write_changes(variant, tidy)
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
    write_changes(variant, {"is_archived": is_archived})
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
