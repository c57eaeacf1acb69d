"""Reading what the row with the title says about the product itself."""

from mdv.ops.product_import.cells import (
    BadCell,
    read_html,
    read_line,
    read_yes,
    short_enough,
)
from mdv.ops.product_import.columns import (
    NO_OPTION_NAME,
    NO_OPTION_VALUE,
    OPTION_NAMES,
    OPTION_VALUES,
    Column,
)
from mdv.ops.product_import.entries import Facts
from mdv.ops.product_import.reading import Row
from shop.catalog.models import MAX_DESCRIPTION_LENGTH, MAX_TAGS
from shop.catalog.services.checks import lines
from shop.catalog.services.products import ProductChanges
from shop.catalog.states import ProductStatus

MAX_TITLE = 255
MAX_VENDOR = 120
MAX_CATEGORY = 120
MAX_TAG = 60
MAX_OPTION_NAME = 60

STATUSES = {
    "active": ProductStatus.ACTIVE,
    "draft": ProductStatus.DRAFT,
    "unlisted": ProductStatus.DRAFT,
    "archived": ProductStatus.ARCHIVED,
}


def read_facts(row: Row, rows: list[Row]) -> Facts:
    """Read the product from its title row; `rows` are all of its rows.

    Raises:
        BadCell: something is too long or makes no sense, or it is a gift card.
    """
    if read_yes(row, Column.GIFT_CARD):
        raise BadCell(Column.GIFT_CARD, row.says(Column.GIFT_CARD), "is not sold by this shop")
    fields: ProductChanges = {
        "title": read_line(row, Column.TITLE, MAX_TITLE),
        "option_names": read_option_names(row, rows),
    }
    if row.has(Column.BODY):
        fields["description"] = read_html(row, Column.BODY, MAX_DESCRIPTION_LENGTH)
    if row.has(Column.VENDOR):
        fields["vendor"] = read_line(row, Column.VENDOR, MAX_VENDOR)
    if row.has(Column.TAGS):
        fields["tags"] = _tags(row)
    return Facts(
        fields=fields,
        category=read_line(row, Column.TYPE, MAX_CATEGORY),
        status=_status(row),
        status_is_explicit=bool(row.says(Column.STATUS)),
    )


def read_option_names(row: Row, rows: list[Row]) -> list[str]:
    """Return the names of the options; none for Shopify's “Title: Default Title”.

    Raises:
        BadCell: a name is missing before another, comes twice or is too long.
    """
    names = [read_line(row, column, MAX_OPTION_NAME) for column in OPTION_NAMES]
    while names and not names[-1]:
        names.pop()
    folded = [name.casefold() for name in names]
    for column, name in zip(OPTION_NAMES, names, strict=False):
        if not name:
            raise BadCell(column, name, "is blank, but a later option has a name")
        if folded.count(name.casefold()) > 1:
            raise BadCell(column, name, "is the name of another option, too")
    values = {other.says(OPTION_VALUES[0]) for other in rows}
    if names == [NO_OPTION_NAME] and values <= {"", NO_OPTION_VALUE}:
        return []
    return names


def _tags(row: Row) -> list[str]:
    text = read_line(row, Column.TAGS, MAX_TAG * MAX_TAGS)
    tags = lines(Column.TAGS, text.split(","))
    if len(tags) > MAX_TAGS:
        raise BadCell(Column.TAGS, text, f"has more than {MAX_TAGS} tags")
    return [short_enough(Column.TAGS, tag, MAX_TAG) for tag in tags]


def _status(row: Row) -> ProductStatus | None:
    """Return the status. Published on no sales channel means that customers do not see it."""
    published = read_yes(row, Column.PUBLISHED)
    text = row.says(Column.STATUS).lower()
    if text not in {"", *STATUSES}:
        raise BadCell(Column.STATUS, text, "is not a status")
    status = STATUSES.get(text)
    if status in (ProductStatus.DRAFT, ProductStatus.ARCHIVED):
        return status
    if published is None:
        return status
    return ProductStatus.ACTIVE if published else ProductStatus.DRAFT
