"""An order's page of the past: what it was at an instant, and what is different today."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, reverse

from audit.models import AuditEntry
from audit.replay import Moment
from mdv.admin.base import BackOfficeAdmin
from mdv.backoffice.moments import Choice, around, instant_of
from mdv.backoffice.order_then import own_facts, parts_beside, show_counters
from mdv.backoffice.past_page import page_of_the_past
from mdv.backoffice.trail_words import told
from mdv.ops.time_machine.orders import LABELLED_BY_LINE, OrderTrail
from shop.orders.models import Order, OrderLine

RIGHT = "audit.view_past"
PAGE = "orders_order_as_it_was"
TOLD_AT_ONCE = 4  # things that changed at one moment


def past_path(pages: BackOfficeAdmin) -> URLPattern:
    """Return the address of the page."""
    return page_of_the_past(
        pages,
        name=PAGE,
        template="mdv/backoffice/order_as_it_was.html",
        may_open=_may_open,
        facts_of=facts_of,
    )


def past_url(request: HttpRequest, order: Order) -> str:
    """Return where the page is, or nothing to who may not open it."""
    return reverse(f"admin:{PAGE}", args=[order.pk]) if _may_open(request) else ""


def _may_open(request: HttpRequest) -> bool:
    return request.user.has_perm(RIGHT)


def facts_of(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the page shows."""
    trail = OrderTrail(order.pk)
    instant = instant_of(request)
    then, today = trail.at(instant.at), trail.at()
    counters = then.counters()
    return {
        "instant": instant,
        "standing": then.order.standing,
        "is_there": then.order.is_there,
        "facts": list(own_facts(then.order, today.order)),
        "parts": list(parts_beside(then, today)),
        "counters": len(counters),
        "disagreeing": show_counters([one for one in counters if not one.agrees]),
        **choices_of(trail.moments(), instant.at),
    }


def choices_of(moments: Sequence[Moment], at: datetime | None) -> dict[str, Any]:
    """Return the moments to choose from, and those before and after what is shown."""
    place, shown = around([moment.at for moment in moments], at)
    choices = [_choice(moments[i], is_shown=i == place) for i in shown]
    return {
        "choices": choices[::-1],
        "earlier": _choice(moments[place - 1]) if place > 0 else None,
        "later": _choice(moments[place + 1]) if place + 1 < len(moments) else None,
    }


def _choice(moment: Moment, *, is_shown: bool = False) -> Choice:
    what = [
        text for entry in moment.entries if not _is_said_by_others(entry) for text in told(entry)
    ]
    more = [f"and {len(what) - TOLD_AT_ONCE} more"] if len(what) > TOLD_AT_ONCE else []
    return Choice(
        at=moment.at,
        who=moment.who,
        what=[*what[:TOLD_AT_ONCE], *more] or ["Counts changed"],
        is_shown=is_shown,
    )


def _is_said_by_others(entry: AuditEntry) -> bool:
    """Tell whether it is about a part of what another entry of the same moment tells of."""
    model = entry.content_type.model_class() if entry.content_type else None
    is_placed = model is OrderLine and entry.action == AuditEntry.Action.CREATE
    return model in LABELLED_BY_LINE or is_placed
