"""The stock card: one item's ledger, what holds it, and what the level was at any moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from mdv.admin.show import show_link, show_moment, show_table
from shop.orders.models import Order, OrderLine
from shop.stock.admin.items import StockItemAdmin
from shop.stock.models import StockItem, StockMovement, StockTake
from shop.stock.services import stock_at
from shop.stock.states import MovementKind

MOVEMENTS_SHOWN = 50
ORDERS_SHOWN = 50
MAX_SEQ = 2**31 - 1


class MomentForm(forms.Form):
    """What the page is asked for: a level of the past, a place in the ledger."""

    at = forms.DateTimeField(
        label="Moment (UTC)",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
    )
    up_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_SEQ)


@admin.register(StockItem)
class StockCardAdmin(StockItemAdmin):
    fields = ()
    change_form_template = "mdv/backoffice/stock_card.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        item = context["original"]
        asked = MomentForm(request.GET or None)
        at = asked.cleaned_data["at"] if asked.is_valid() else None
        up_to = asked.cleaned_data["up_to"] if asked.is_valid() else None
        level = stock_at(variant_id=item.variant_id, at=at) if at else None
        last = min(up_to or item.last_seq, item.last_seq)
        context.update(
            {
                "item": item,
                "product_link": show_link(
                    "catalog_product", item.variant.product_id, item.variant.product.title
                ),
                "available": self.shown_available(item),
                "low_at": self.shown_low_at(item),
                "asked": asked,
                "then": _said(at, level.on_hand, level.reserved) if at and level else "",
                "held": _held(item),
                **_ledger(item, last if level is None else min(last, level.last_seq)),
            }
        )
        return super().render_change_form(request, context, *args, **kwargs)


def _said(at: datetime, on_hand: int, reserved: int) -> str:
    return (
        f"On {show_moment(at)} there were {on_hand} on hand, {reserved} of them held by orders: "
        f"{on_hand - reserved} available."
    )


def _held(item: StockItem) -> dict[str, Any]:
    """Return which orders hold it, those that have held it longest first."""
    lines = list(
        OrderLine.objects.filter(
            variant_id=item.variant_id, quantity__gt=F("qty_cancelled") + F("qty_shipped")
        )
        .select_related("order")
        .order_by("order_id")[:ORDERS_SHOWN]
    )
    numbers = [line.order.number for line in lines]
    since = dict(
        item.movements.filter(kind=MovementKind.RESERVE, source__in=numbers)
        .order_by()
        .values_list("source")
        .annotate(Max("created_at"))
    )
    table = show_table(
        ("Order", "Units", "Since"),
        [
            (
                show_link("orders_order", line.order_id, line.order.number),
                line.open_quantity,
                show_moment(since.get(line.order.number)),
            )
            for line in lines
        ],
        numbers={"Units"},
        empty="No order holds any.",
    )
    return {"table": table, "more": item.reserved - sum(line.open_quantity for line in lines)}


def _ledger(item: StockItem, last: int) -> dict[str, Any]:
    """Return one page of the ledger, `last` being its newest movement.

    Movements are numbered without gaps, so where pages begin needs no counting.
    """
    movements = list(item.movements.filter(seq__lte=last).order_by("-seq")[:MOVEMENTS_SHOWN])
    older = last - MOVEMENTS_SHOWN
    newer = min(last + MOVEMENTS_SHOWN, item.last_seq)
    return {
        "ledger": _table(movements),
        "older": max(0, older),
        "newer": newer if newer > last else 0,
    }


def _table(movements: Sequence[StockMovement]) -> SafeString:
    links = _links({movement.source for movement in movements})
    return show_table(
        ("When", "What", "On hand", "Held", "Then on hand", "Then held", "Why", "Who"),
        [
            (
                show_moment(movement.created_at),
                _what(movement, links),
                _signed(movement.d_on_hand),
                _signed(movement.d_reserved),
                movement.on_hand_after,
                movement.reserved_after,
                movement.reason,
                movement.actor_label,
            )
            for movement in movements
        ],
        numbers={"On hand", "Held", "Then on hand", "Then held"},
        empty="Nothing had moved yet.",
    )


def _what(movement: StockMovement, links: Mapping[str, SafeString]) -> SafeString | str:
    """Say what kind of movement it was, and below it for what: both in sight on a phone."""
    kind = movement.get_kind_display()
    source = links.get(movement.source, movement.source)
    return format_html("{}<br>{}", kind, source) if source else kind


def _links(sources: set[str]) -> dict[str, SafeString]:
    """Return links for those sources that are orders or stock-takes."""
    orders = Order.objects.filter(number__in=sources).values_list("number", "id")
    links = {number: show_link("orders_order", pk, number) for number, pk in orders}
    for source in sources:
        prefix, _, number = source.rpartition(StockTake.NUMBER_PREFIX)
        if number.isdecimal() and not prefix and source.startswith(StockTake.NUMBER_PREFIX):
            links[source] = show_link("stock_stocktake", int(number), source)
    return links


def _signed(units: int) -> str:
    return f"{units:+d}" if units else ""
