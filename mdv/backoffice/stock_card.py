"""The stock card: one item's ledger, and what holds it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mdv.admin.show import show_link, show_moment, show_table
from mdv.backoffice.stock_as_it_was import PAGE, past_path
from mdv.backoffice.stock_sources import links_of
from shop.orders.models import OrderLine
from shop.stock.admin.items import StockItemAdmin
from shop.stock.models import StockItem, StockMovement
from shop.stock.states import MovementKind

MOVEMENTS_SHOWN = 50
ORDERS_SHOWN = 50
MAX_SEQ = 2**31 - 1


class PlaceForm(forms.Form):
    """What the page is asked for: a place in the ledger."""

    up_to = forms.IntegerField(required=False, min_value=1, max_value=MAX_SEQ)


@admin.register(StockItem)
class StockCardAdmin(StockItemAdmin):
    fields = ()
    change_form_template = "mdv/backoffice/stock_card.html"

    def get_urls(self) -> list[URLPattern]:
        return [past_path(self), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        item = context["original"]
        asked = PlaceForm(request.GET or None)
        up_to = asked.cleaned_data["up_to"] if asked.is_valid() else None
        context.update(
            {
                "item": item,
                "product_link": show_link(
                    "catalog_product", item.variant.product_id, item.variant.product.title
                ),
                "available": self.shown_available(item),
                "low_at": self.shown_low_at(item),
                "past_url": reverse(f"admin:{PAGE}", args=[item.pk]),
                "held": _held(item),
                **_ledger(item, min(up_to or item.last_seq, item.last_seq)),
            }
        )
        return super().render_change_form(request, context, *args, **kwargs)


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
    links = links_of({movement.source for movement in movements})
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


def _signed(units: int) -> str:
    return f"{units:+d}" if units else ""
