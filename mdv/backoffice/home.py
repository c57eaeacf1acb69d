"""The home page: today's figures, each leading to the list behind it."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from mdv.admin.show import show_money
from mdv.backoffice import sales
from mdv.jobs.services import worker_status
from mdv.ops.models import BooksCheck
from shop.orders.states import OrderStatus


def figures(*, at: datetime) -> dict[str, Any]:
    """Measure what the home page shows."""
    return {
        "periods": [_period(days, title, at) for days, title in PERIODS],
        "tiles": [*_order_tiles(), _stock_tile(), _books_tile()],
        "chart": _chart(at),
        "chart_title": f"Sales of the last {sales.DAYS_SHOWN} days, {settings.STORE_CURRENCY}",
        "worker_is_down": not worker_status(at=at).alive,
    }


PERIODS = ((1, "Today"), (7, "7 days"), (30, "30 days"))


def _period(days: int, title: str, at: datetime) -> dict[str, str]:
    period = sales.sales_of(days, title=title, at=at)
    return {
        "title": period.title,
        "value": show_money(period.total),
        "note": f"{period.orders} orders; before: {show_money(period.before)}",
    }


def _order_tiles() -> list[dict[str, Any]]:
    counts = sales.orders_by_status()
    orders = reverse("admin:orders_order_changelist")
    return [
        {
            "title": f"{status.label} orders",
            "value": counts.get(status, 0),
            "url": f"{orders}?status__exact={status}",
        }
        for status in OrderStatus
    ]


def _stock_tile() -> dict[str, Any]:
    url = reverse("admin:stock_stockitem_changelist")
    return {"title": "Low stock", "value": sales.low_stock_count(), "url": f"{url}?level=low"}


def _books_tile() -> dict[str, Any]:
    last = BooksCheck.objects.order_by("-checked_at", "-id").first()
    if last is None:
        return {"title": "Books", "value": "Not checked yet"}
    value = "Balanced" if last.is_balanced else "Unbalanced"
    return {"title": "Books", "value": value, "note": f"{last.checked_at:%Y-%m-%d %H:%M} UTC"}


def _chart(at: datetime) -> str:
    """Return the sales per day as Chart.js wants it. Only its height goes through a float."""
    days = sales.sales_by_day(at=at)
    dataset = {
        "label": settings.STORE_CURRENCY,
        "data": [float(total) for _, total in days],
        "backgroundColor": "var(--color-primary-600)",
    }
    return json.dumps({"labels": [day for day, _ in days], "datasets": [dataset]})
