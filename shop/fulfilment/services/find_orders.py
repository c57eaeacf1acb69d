"""Orders that wait for somebody to pack them, and parcels that wait for money."""

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.states import IN_THE_HOUSE
from shop.orders.models import Order, OrderLine
from shop.orders.services import held_orders
from shop.orders.states import OrderStatus


def orders_to_pack() -> QuerySet[Order]:
    """Select confirmed orders of which something is in no parcel yet."""
    inside = ShipmentLine.objects.filter(
        order_line=OuterRef("pk"), shipment__state__in=IN_THE_HOUSE
    )
    sums = inside.order_by().values("order_line").annotate(units=Sum("quantity")).values("units")
    packed = Coalesce(Subquery(sums), 0)
    waiting = OrderLine.objects.filter(
        order=OuterRef("pk"), quantity__gt=F("qty_cancelled") + F("qty_shipped") + packed
    )
    return Order.objects.filter(Exists(waiting), status=OrderStatus.CONFIRMED)


def held_shipments() -> QuerySet[Shipment]:
    """Select parcels in the house that may not leave: money is missing of their orders."""
    return Shipment.objects.filter(state__in=IN_THE_HOUSE, order__in=held_orders().values("pk"))
