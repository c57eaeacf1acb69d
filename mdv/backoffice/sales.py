"""The figures of the home page, measured from the database when it is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from mdv.kernel.money import ZERO
from shop.orders.models import Order
from shop.orders.states import OrderStatus
from shop.stock.models import StockItem

DAYS_SHOWN = 30

# What counts as sold: confirmed orders and what becomes of them, by the day they were placed.
SOLD = Q(status__in=[OrderStatus.CONFIRMED, OrderStatus.COMPLETED])


@dataclass(frozen=True, kw_only=True)
class Period:
    """Sales of some days, and of as many days before."""

    title: str
    total: Decimal
    orders: int
    before: Decimal


def sales_of(days: int, *, title: str, at: datetime) -> Period:
    """Return the sales of the last `days` days, today included."""
    start = _midnight(at) - timedelta(days=days - 1)
    now = _sold_between(start, at)
    before = _sold_between(start - timedelta(days=days), start)
    return Period(
        title=title,
        total=now["total"] or ZERO,
        orders=now["orders"],
        before=before["total"] or ZERO,
    )


def sales_by_day(*, at: datetime) -> list[tuple[str, Decimal]]:
    """Return day and sales for each of the last 30 days, days without sales included."""
    first = _midnight(at) - timedelta(days=DAYS_SHOWN - 1)
    rows = (
        _sold(first, at)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(total=Sum("total"))
        .values_list("day", "total")
    )
    by_day = dict(rows)
    days = [(first + timedelta(days=n)).date() for n in range(DAYS_SHOWN)]
    return [(f"{day:%d %b}", by_day.get(day, ZERO)) for day in days]


def orders_by_status() -> dict[str, int]:
    """Return how many orders are in each state."""
    rows = Order.objects.values_list("status").annotate(count=Count("id")).order_by("status")
    return dict(rows)


def low_stock_count() -> int:
    """Return how many variants have fallen to their warning level."""
    return StockItem.objects.low().count()


def _sold(start: datetime, end: datetime) -> QuerySet[Order]:
    return Order.objects.filter(SOLD, created_at__gte=start, created_at__lt=end)


def _sold_between(start: datetime, end: datetime) -> dict[str, Any]:
    return _sold(start, end).aggregate(total=Sum("total"), orders=Count("id"))


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
