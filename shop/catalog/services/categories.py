"""Keeping the shelves."""

from typing import TypedDict, Unpack

from django.db import transaction

from audit.versions import check_version
from shop.catalog.models import Category
from shop.catalog.services.checks import (
    check_fields,
    line,
    lock,
    rich_text,
    save_changes,
    set_changes,
)
from shop.catalog.services.names import insert_named, slug_from

SLUG_IS_UNIQUE = "category_slug_is_unique"


class CategoryChanges(TypedDict, total=False):
    name: str
    slug: str
    parent_id: int | None
    position: int
    in_navigation: bool
    description: str


@transaction.atomic
def create_category(
    *,
    name: str,
    slug: str = "",
    parent_id: int | None = None,
    position: int = 0,
    in_navigation: bool = True,
    description: str = "",
) -> Category:
    """Add a shelf. Without a `slug` one is made from the name.

    Raises:
        Invalid: a field is wrong, or there is no such parent.
        IntegrityError: 409 `category_slug_is_unique`, when the given slug is taken.
    """
    category = Category(
        name=line("name", name),
        slug=slug.lower() or slug_from(name, otherwise="category"),
        parent_id=parent_id,
        position=position,
        in_navigation=in_navigation,
        description=rich_text("description", description),
    )
    check_fields(category)
    if slug:
        category.save(force_insert=True)
    else:
        insert_named(category, field="slug", constraint=SLUG_IS_UNIQUE)
    return category


@transaction.atomic
def update_category(
    *, category_id: int, version: int | None = None, **changes: Unpack[CategoryChanges]
) -> Category:
    """Change a shelf. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such category.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong, or there is no such parent.
        IntegrityError: 409 `category_refuses_cycles` or `category_slug_is_unique`.
    """
    category = lock(Category, category_id)
    check_version(category, present=category.version, expected=version)
    if "name" in changes:
        changes["name"] = line("name", changes["name"])
    if "slug" in changes:
        changes["slug"] = changes["slug"].lower()
    if "description" in changes:
        changes["description"] = rich_text("description", changes["description"])
    save_changes(category, set_changes(category, changes))
    return category


@transaction.atomic
def delete_category(*, category_id: int) -> None:
    """Take a shelf away.

    Raises:
        NotFound: there is no such category.
        ProtectedError: 409 `protected`, products or categories are on it.
    """
    lock(Category, category_id).delete()
