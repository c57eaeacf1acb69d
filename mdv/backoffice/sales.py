"""The figures of the home page, measured from the database when it is opened."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from mdv.kernel.money import ZERO
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderStatus
from shop.stock.models import StockItem

DAYS_SHOWN = 30
BEST_SHOWN = 5

# What counts as sold: confirmed orders and what becomes of them, by the day they were placed.
SOLD = (OrderStatus.CONFIRMED, OrderStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What was sold on some days."""

    total: Decimal = ZERO
    orders: int = 0

    def __add__(self, other: "Sales") -> "Sales":
        return Sales(total=self.total + other.total, orders=self.orders + other.orders)


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was sold on one day, and of that by the time of day that it is now."""

    whole: Sales = Sales()
    so_far: Sales = Sales()


Days = Mapping[date, Day]


def sales_by_day(*, at: datetime) -> Days:
    """Return the sales of each of the last 60 days on which there were any, in one query."""
    first = _midnight(at) - timedelta(days=2 * DAYS_SHOWN - 1)
    so_far = Q(created_at__time__lte=at.time())
    rows = (
        Order.objects.filter(status__in=SOLD, created_at__gte=first, created_at__lte=at)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(
            sum=Sum("total"),
            orders=Count("id"),
            sum_so_far=Sum("total", filter=so_far, default=ZERO),
            orders_so_far=Count("id", filter=so_far),
        )
        .values_list("day", "sum", "orders", "sum_so_far", "orders_so_far")
    )
    return {
        day: Day(
            whole=Sales(total=total, orders=orders),
            so_far=Sales(total=total_so_far, orders=orders_so_far),
        )
        for day, total, orders, total_so_far, orders_so_far in rows
    }


def sales_of(days: Days, count: int, *, until: date) -> Sales:
    """Return the sales of the `count` days that end with `until`, of that day as much as by now.

    Today is not over: compared with whole days it would always look bad.
    """
    before = (until - timedelta(days=n) for n in range(1, count))
    whole = (days[day].whole for day in before if day in days)
    return sum(whole, days.get(until, Day()).so_far)


def best_sellers(*, at: datetime) -> list[tuple[str, int, Decimal]]:
    """Return title, units and worth of what sold best in the last 30 days."""
    first = _midnight(at) - timedelta(days=DAYS_SHOWN - 1)
    sold = OrderLine.objects.filter(
        order__status__in=SOLD, order__created_at__gte=first, order__created_at__lte=at
    )
    rows = sold.values("title").annotate(units=Sum("quantity"), worth=Sum("total"))
    best = rows.order_by("-worth", "title")[:BEST_SHOWN]
    return list(best.values_list("title", "units", "worth"))


def count_orders(statuses: Collection[OrderStatus]) -> Mapping[str, int]:
    """Return how many orders are in each of these states, by their index, in one query."""
    rows = Order.objects.filter(status__in=statuses).order_by().values_list("status")
    return defaultdict(int, rows.annotate(Count("id")))


def count_low_stock() -> int:
    """Return how many variants that are sold have fallen to their warning level."""
    return StockItem.objects.running_out().count()


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
