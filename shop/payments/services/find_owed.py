"""Cancelled orders of which money is still here."""

from django.db.models import Exists, F, OuterRef, QuerySet

from shop.orders.models import Order
from shop.orders.states import OrderStatus
from shop.payments.models import Payment


def cancelled_orders_with_money() -> QuerySet[Order]:
    """Select cancelled orders of which money has neither gone back nor is promised back."""
    here = Payment.objects.filter(order=OuterRef("pk"), captured__gt=F("refund_committed"))
    return Order.objects.filter(
        Exists(here), status=OrderStatus.CANCELLED, captured_total__gt=F("refunded_total")
    )
