"""The home page: today's figures, each leading to the list behind it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse

from mdv.admin.show import BAD, GOOD, show_choice, show_label, show_moment, show_money, show_table
from mdv.backoffice import sales
from mdv.backoffice.books_words import BOOKS_WORDS
from mdv.jobs.services import worker_status
from mdv.ops.health import OVERDUE, books_status
from mdv.ops.models import BooksCheck, BooksStatus
from refunds.models import Refund, Return
from refunds.services import owed_orders
from refunds.states import ON_WORKLIST, RefundWorklist
from refunds.states import Worklist as ReturnWorklist
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import orders_to_pack
from shop.fulfilment.states import Worklist as ShipmentWorklist
from shop.orders.models import Order
from shop.orders.services import held_orders
from shop.orders.states import OrderStatus
from shop.payments.models import GatewayEvent

PERIODS = (
    (1, "Today", "Yesterday by this time"),
    (7, "7 days", "The 7 days before, by this time"),
    (30, "30 days", "The 30 days before, by this time"),
)
THOUSANDS_FROM = Decimal(10_000)
# Percentages of a period that was nearly nothing say nothing.
MOST_PERCENT = 999
REFUND_TILES = {
    "Refunds to approve": RefundWorklist.TO_APPROVE,
    "Refunds to pay by hand": RefundWorklist.TO_TRANSFER,
    "Refunds in limbo": RefundWorklist.IN_LIMBO,
    "Failed refunds": RefundWorklist.FAILED,
}
STUCK = frozenset({RefundWorklist.IN_LIMBO, RefundWorklist.FAILED})


def figures(*, at: datetime, may: Callable[[str], bool]) -> dict[str, Any]:
    """Measure what the home page shows to somebody who `may` do certain things."""
    days = sales.sales_by_day(at=at)
    return {
        "periods": [_period(days, at, *period) for period in PERIODS],
        **_chart(days, at),
        "tiles": [
            *_order_tiles(),
            *_work_tiles(may),
            *_exceptions_tile(may),
            _stock_tile(),
            _books_tile(at, may),
        ],
        "best_sellers": _best_sellers(at),
        "worker_is_down": not worker_status(at=at).alive,
    }


def _period(days: sales.Days, at: datetime, count: int, title: str, before: str) -> dict[str, Any]:
    now = sales.sales_of(days, count, until=at.date())
    then = sales.sales_of(days, count, until=at.date() - timedelta(days=count))
    return {
        "title": title,
        "value": show_money(now.total),
        "orders": f"{now.orders} confirmed order{'' if now.orders == 1 else 's'}",
        "before": f"{before}: {show_money(then.total)}",
        "change": _change(now.total, then.total),
    }


def _change(now: Decimal, then: Decimal) -> str:
    if not then or not now:
        return ""
    percent = round((now - then) / then * 100)
    if abs(percent) > MOST_PERCENT:
        return ""
    return show_label(f"{percent:+d} %", GOOD if percent >= 0 else BAD)


def _order_tiles() -> list[dict[str, Any]]:
    orders = reverse("admin:orders_order_changelist")
    counts = sales.count_orders([OrderStatus.PENDING, OrderStatus.CONFIRMED])
    return [
        {
            "title": "Waiting for payment or confirmation",
            "value": counts[OrderStatus.PENDING],
            "url": f"{orders}?status={OrderStatus.PENDING}",
        },
        {
            "title": "Confirmed",
            "value": counts[OrderStatus.CONFIRMED],
            "url": f"{orders}?status={OrderStatus.CONFIRMED}",
        },
    ]


def _work_tiles(may: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Return what waits for those who pack, ship and take goods back."""
    tiles = []
    if may("fulfilment.view_shipment"):
        orders = reverse("admin:orders_order_changelist")
        parcels = reverse("admin:fulfilment_shipment_changelist")
        ready = Shipment.objects.on_worklist(ShipmentWorklist.TO_SHIP)
        to_do = _orders_waiting()
        tiles += [
            {"title": "To pack", "value": to_do["pack"], "url": f"{orders}?work=pack"},
            {
                "title": "To ship",
                "value": ready.count(),
                "url": f"{parcels}?worklist={ShipmentWorklist.TO_SHIP}",
            },
            {
                "title": "Held: money is missing",
                "value": to_do["held"],
                "url": f"{orders}?work=held",
                "is_alarm": to_do["held"] > 0,
            },
        ]
    if may("refunds.view_return"):
        returns = reverse("admin:refunds_return_changelist")
        waiting = _returns_waiting()
        tiles += [
            {
                "title": f"Returns {show_choice(worklist).lower()}",
                "value": waiting[worklist],
                "url": f"{returns}?worklist={worklist}",
            }
            for worklist in ReturnWorklist
        ]
    return [*tiles, *_refund_tiles(may)]


def _refund_tiles(may: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Return what of the money that goes back waits for somebody; an alarm where it is stuck."""
    if not may("refunds.view_refund"):
        return []
    refunds = reverse("admin:refunds_refund_changelist")
    owed = owed_orders().count()
    tiles = [
        {
            "title": "Owed to customers",
            "value": owed,
            "url": f"{reverse('admin:orders_order_changelist')}?work=owed",
            "is_alarm": owed > 0,
        }
    ]
    for title, worklist in REFUND_TILES.items():
        count = Refund.objects.on_worklist(worklist).count()
        tiles.append(
            {
                "title": title,
                "value": count,
                "url": f"{refunds}?worklist={worklist}",
                "is_alarm": count > 0 and worklist in STUCK,
            }
        )
    return tiles


def _orders_waiting() -> dict[str, int]:
    """Count the orders that are to be packed and those that are held, all by one query."""
    pack, held = (Q(pk__in=found.values("pk")) for found in (orders_to_pack(), held_orders()))
    confirmed = Order.objects.filter(status=OrderStatus.CONFIRMED)
    return confirmed.aggregate(pack=Count("id", filter=pack), held=Count("id", filter=held))


def _returns_waiting() -> dict[ReturnWorklist, int]:
    """Count what is on each worklist of returns, all by one query."""
    rows = Return.objects.filter(state__in=frozenset().union(*ON_WORKLIST.values())).order_by()
    counts = dict(rows.values_list("state").annotate(Count("id")))
    return {
        worklist: sum(counts.get(state, 0) for state in states)
        for worklist, states in ON_WORKLIST.items()
    }


def _exceptions_tile(may: Callable[[str], bool]) -> list[dict[str, Any]]:
    if not may("payments.view_gatewayevent"):
        return []
    count = GatewayEvent.objects.open_exceptions().count()
    return [
        {
            "title": "Payments to be settled",
            "value": count,
            "url": reverse("admin:payments_gatewayevent_changelist"),
            "is_alarm": count > 0,
        }
    ]


def _stock_tile() -> dict[str, Any]:
    url = reverse("admin:stock_stockitem_changelist")
    return {"title": "Low stock", "value": sales.count_low_stock(), "url": f"{url}?level=low"}


def _books_tile(at: datetime, may: Callable[[str], bool]) -> dict[str, Any]:
    """Return whether the books are right; it leads those who may see why to the Books page."""
    last = BooksCheck.objects.defer("outcomes").newest()
    status = books_status(last, at=at)
    when = f", {show_moment(last.checked_at)}" if last else ""
    return {
        "title": f"Books{when}",
        "value": BOOKS_WORDS[status],
        "url": reverse("admin:ops_bookscheck_changelist") if may("ops.view_bookscheck") else "",
        "is_alarm": status in {BooksStatus.UNBALANCED, OVERDUE},
        "is_warning": status == BooksStatus.AGEING,
        "is_good": status == BooksStatus.OK,
    }


def _best_sellers(at: datetime) -> str:
    worth = settings.STORE_CURRENCY
    return show_table(
        ("Product", "Units", worth),
        [(title, units, f"{total:,.2f}") for title, units, total in sales.best_sellers(at=at)],
        numbers={"Units", worth},
        empty="Nothing was sold in the last 30 days.",
    )


def _chart(days: sales.Days, at: datetime) -> dict[str, str]:
    """Return the sales per day as Chart.js wants it. Only a bar's height goes through a float."""
    dates = [at.date() - timedelta(days=n) for n in reversed(range(sales.DAYS_SHOWN))]
    totals = [days.get(day, sales.Day()).whole.total for day in dates]
    is_large = max(totals) >= THOUSANDS_FROM
    dataset = {
        "label": settings.STORE_CURRENCY,
        "data": [float(total / 1000 if is_large else total) for total in totals],
        "backgroundColor": "var(--color-primary-600)",
        "maxBarThickness": 20,
        "maxTicksXLimit": 10,
        "displayYAxis": True,
    }
    unit = f"thousand {settings.STORE_CURRENCY}" if is_large else settings.STORE_CURRENCY
    chart = {"labels": [f"{day:%d %b}" for day in dates], "datasets": [dataset]}
    return {
        "chart": json.dumps(chart),
        "chart_title": f"Confirmed orders by the day they were placed, {unit}",
    }
