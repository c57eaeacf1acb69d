"""How the back office shows money, states and rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# unfold's label colours, by what a state means to the person who works the list.
GOOD, BUSY, BAD, CALM = "success", "warning", "danger", "info"


def show_money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount as people read it: ``NGN 1,500.00``."""
    if amount is None:
        return ""
    return f"{currency or settings.STORE_CURRENCY} {amount:,.2f}"


def show_moment(moment: datetime | None) -> SafeString:
    """Return a moment to the minute, in the shop's time zone."""
    if moment is None:
        return SafeString("")
    local = timezone.localtime(moment)
    return format_html('<span class="mdv-moment">{}</span>', f"{local:%Y-%m-%d %H:%M}")


def show_link(page: str, pk: Any, text: str) -> SafeString:
    """Return a link to an object's page, such as ``catalog_variant``."""
    return format_html(
        '<a class="mdv-link" href="{}">{}</a>', reverse(f"admin:{page}_change", args=[pk]), text
    )


def show_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> SafeString:
    """Return rows as a table, or a dash if there are none; everything in them is escaped."""
    cells = [format_html_join("", "<td>{}</td>", ((cell,) for cell in row)) for row in rows]
    if not cells:
        return SafeString("-")
    head = format_html_join("", "<th>{}</th>", ((heading,) for heading in headings))
    body = format_html_join("", "<tr>{}</tr>", ((row,) for row in cells))
    return format_html(
        '<div class="mdv-table"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        body,
    )
