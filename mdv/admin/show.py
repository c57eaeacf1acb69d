"""How the back office shows money, moments, states and rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Show = Callable[[Any, Any], Any]

# unfold's label colours, by what a state means to the person who works the list.
GOOD, BUSY, BAD, CALM = "success", "warning", "danger", "info"


def show_money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount as people read it: ``NGN 1,500.00``."""
    if amount is None:
        return ""
    return f"{currency or settings.STORE_CURRENCY} {amount:,.2f}"


def show_moment(moment: datetime | None) -> str:
    """Return a moment to the minute, in the site's time zone: ``2026-11-21 09:36``."""
    return "" if moment is None else formats.localize(timezone.localtime(moment))


def show_choice(value: str) -> str:
    """Return a stored word as people read it: ``Pay at pickup`` for ``pay_at_pickup``."""
    return value.replace("_", " ").capitalize()


def show_link(page: str, pk: Any, text: str) -> SafeString:
    """Return a link to an object's page, such as ``catalog_variant``."""
    url = reverse(f"admin:{page}_change", args=[pk])
    return format_html('<a class="mdv-link" href="{}">{}</a>', url, text)


def show_label(text: str, colour: str = "") -> SafeString:
    """Return `text` as a coloured label, as unfold shows states in lists."""
    html = render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})
    return SafeString(html)


def shown_once(show: Show) -> Show:
    """Keep what `show` makes of an object: a page asks for each field several times."""
    key = f"_{show.__name__}"

    @wraps(show)
    def kept(pages: Any, subject: Any) -> Any:
        if key not in vars(subject):
            vars(subject)[key] = show(pages, subject)
        return vars(subject)[key]

    return kept


def show_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numbers: Collection[str] = (),
    empty: str = "None.",
    is_stacked: bool = False,
) -> SafeString:
    """Return rows as a table, or `empty` if there are none; everything in them is escaped.

    The columns whose headings are in `numbers` are set to the right, their digits below each other.
    With `is_stacked` each row becomes a card on a phone, with what is not empty in it.
    """
    classes = ["mdv-number" if heading in numbers else "" for heading in headings]
    cells = [
        format_html_join(
            "", '<td class="{}" data-label="{}">{}</td>', zip(classes, headings, row, strict=True)
        )
        for row in rows
    ]
    if not cells:
        return format_html('<span class="mdv-empty">{}</span>', empty)
    head = format_html_join("", '<th class="{}">{}</th>', zip(classes, headings, strict=True))
    body = format_html_join("", "<tr>{}</tr>", ((row,) for row in cells))
    return format_html(
        '<div class="mdv-table{}" tabindex="0"><table>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        " mdv-stacked" if is_stacked else "",
        head,
        body,
    )
