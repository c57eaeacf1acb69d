"""A stock item's page of the past: its level at an instant and what orders held of it then."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.show import show_table
from mdv.backoffice.moments import AROUND, Choice, beside, instant_of
from mdv.backoffice.past_page import page_of_the_past
from mdv.backoffice.stock_sources import links_of
from mdv.ops.time_machine.stock import StockThen, stock_then
from shop.stock.models import StockItem, StockMovement

PAGE = "stock_stockitem_as_it_was"


def past_path(pages: BackOfficeAdmin) -> URLPattern:
    """Return the address of the page. The ledger is open to who may see the item, so this is."""
    return page_of_the_past(
        pages,
        name=PAGE,
        template="mdv/backoffice/stock_as_it_was.html",
        may_open=pages.has_view_permission,
        facts_of=facts_of,
    )


def facts_of(request: HttpRequest, item: StockItem) -> dict[str, Any]:
    """Return what the page shows."""
    instant = instant_of(request)
    then = stock_then(item, at=instant.at)
    level = then.level
    return {
        "instant": instant,
        "level": [
            ("On hand", beside(level.on_hand, item.on_hand)),
            ("Held by orders", beside(level.reserved, item.reserved)),
            ("Available", beside(level.available, item.available)),
        ],
        "held": _held(then),
        "held_by_others": then.held_by_others,
        "disagreeing": [one for one in then.counters if not one.agrees],
        **_choices(item, level.last_seq),
    }


def _held(then: StockThen) -> str:
    links = links_of({source for source, _ in then.held})
    rows = [(links.get(source, source), units) for source, units in then.held]
    return show_table(("Order", "Units"), rows, numbers={"Units"}, empty="No order held any of it.")


def _choices(item: StockItem, place: int) -> dict[str, Any]:
    """Return the movements around the last one that had been made, to go to."""
    found = {
        one.seq: _choice(one, is_shown=one.seq == place)
        for one in item.movements.filter(seq__gte=place - AROUND, seq__lte=place + AROUND).order_by(
            "-seq"
        )
    }
    return {
        "choices": list(found.values()),
        "earlier": found.get(place - 1),
        "later": found.get(place + 1),
    }


def _choice(movement: StockMovement, *, is_shown: bool) -> Choice:
    changes = (("on hand", movement.d_on_hand), ("held", movement.d_reserved))
    said = ", ".join(f"{units:+d} {what}" for what, units in changes if units)
    source = f", {movement.source}" if movement.source else ""
    return Choice(
        at=movement.created_at,
        who=movement.actor_label,
        what=[f"{movement.get_kind_display()}{source}: {said}"],
        is_shown=is_shown,
    )
