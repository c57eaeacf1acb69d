"""Keeping products: what they are called, where they stand, whether customers see them."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db import transaction

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.catalog.models import Product
from shop.catalog.services.checks import (
    check_fields,
    line,
    lines,
    lock,
    refuse,
    rich_text,
    save_changes,
    set_changes,
)
from shop.catalog.services.files import delete_files_after_commit
from shop.catalog.services.names import insert_named, slug_from
from shop.catalog.states import PRODUCT, ProductStatus

SLUG_IS_UNIQUE = "product_slug_is_unique"
# Paths beside /products/{slug}.
RESERVED_SLUGS = frozenset({"filters", "suggestions"})


class OptionsInUse(Conflict):
    code = "options_in_use"
    detail = "The variants have a value for each option. Options can be renamed, not added."


class NothingToSell(Conflict):
    code = "nothing_to_sell"
    detail = "There is no variant to sell, so customers would see nothing. Add one first."


class ProductChanges(TypedDict, total=False):
    title: str
    slug: str
    description: str
    category_id: int | None
    vendor: str
    tags: Sequence[str]
    option_names: Sequence[str]


@transaction.atomic
def create_product(
    *,
    title: str,
    slug: str = "",
    description: str = "",
    category_id: int | None = None,
    vendor: str = "",
    tags: Sequence[str] = (),
    option_names: Sequence[str] = (),
) -> Product:
    """Add a product, as a draft that no customer sees. Without a `slug` one is made from the title.

    Raises:
        Invalid: a field is wrong, an option is named twice, or there is no such category.
        IntegrityError: 409 `product_slug_is_unique`, when the given slug is taken.
    """
    product = Product(
        title=line("title", title),
        slug=_slug(slug) or slug_from(title, otherwise="product"),
        description=rich_text("description", description),
        category_id=category_id,
        vendor=line("vendor", vendor),
        tags=lines("tags", tags),
        option_names=_option_names(option_names),
    )
    check_fields(product)
    if slug:
        product.save(force_insert=True)
    else:
        insert_named(product, field="slug", constraint=SLUG_IS_UNIQUE, reserved=RESERVED_SLUGS)
    product.refresh_from_db()
    return product


@transaction.atomic
def update_product(
    *, product_id: int, version: int | None = None, **changes: Unpack[ProductChanges]
) -> Product:
    """Change a product. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such product.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong, an option is named twice, or there is no such category.
        OptionsInUse: 409, another number of options while there are variants.
        IntegrityError: 409 `product_slug_is_unique`.
    """
    product = lock(Product, product_id)
    check_version(product, present=product.version, expected=version)
    tidy = _tidied(changes)
    names = tidy.get("option_names", product.option_names)
    if len(names) != len(product.option_names) and product.variants.exists():
        raise OptionsInUse
    save_changes(product, set_changes(product, tidy))
    return product


@transaction.atomic
def set_product_status(
    *, product_id: int, status: ProductStatus, version: int | None = None
) -> Product:
    """Show a product to customers, or no longer.

    Raises:
        NotFound: there is no such product.
        Stale: 412, someone changed it since.
        InvalidTransition: 409, naming what is possible.
        NothingToSell: 409, no variant that is sold.
    """
    product = lock(Product, product_id)
    check_version(product, present=product.version, expected=version)
    PRODUCT.check(ProductStatus(product.status), status)
    is_published = status == ProductStatus.ACTIVE and product.status != status
    if is_published and not product.variants.filter(is_archived=False).exists():
        raise NothingToSell
    save_changes(product, set_changes(product, {"status": status}))
    return product


@transaction.atomic
def delete_product(*, product_id: int) -> None:
    """Delete a product that has no variants, with its images.

    Raises:
        NotFound: there is no such product.
        ProtectedError: 409 `protected`, it has variants: archive it instead.
    """
    product = lock(Product, product_id)
    images = list(product.images.all())
    product.delete()
    delete_files_after_commit(images)


def _tidied(changes: ProductChanges) -> ProductChanges:
    tidy = changes.copy()
    if "title" in changes:
        tidy["title"] = line("title", changes["title"])
    if "slug" in changes:
        tidy["slug"] = _slug(changes["slug"])
    if "description" in changes:
        tidy["description"] = rich_text("description", changes["description"])
    if "vendor" in changes:
        tidy["vendor"] = line("vendor", changes["vendor"])
    if "tags" in changes:
        tidy["tags"] = lines("tags", changes["tags"])
    if "option_names" in changes:
        tidy["option_names"] = _option_names(changes["option_names"])
    return tidy


def _slug(slug: str) -> str:
    if slug.lower() in RESERVED_SLUGS:
        raise refuse("slug", "reserved", "The shop itself uses this slug.")
    return slug.lower()


def _option_names(names: Sequence[str]) -> list[str]:
    tidy = [line("option_names", name) for name in names]
    if len({name.casefold() for name in tidy}) < len(tidy):
        raise refuse("option_names", "repeated", "Each option has a name of its own.")
    return tidy
