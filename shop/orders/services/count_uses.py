"""Counting what open orders hold and use: the facts that counters below are a cache of."""

from django.db.models import F, Sum

from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderStatus


def units_held(*, variant_id: int) -> int:
    """Return how many units of a variant open orders hold."""
    held = OrderLine.objects.filter(variant_id=variant_id).aggregate(
        units=Sum(F("quantity") - F("qty_cancelled") - F("qty_shipped"))
    )["units"]
    return int(held or 0)


def orders_using(*, coupon_id: int) -> int:
    """Return how many orders use a coupon and are not cancelled."""
    return Order.objects.filter(coupon_id=coupon_id).exclude(status=OrderStatus.CANCELLED).count()
