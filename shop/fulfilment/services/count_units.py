"""Keeping an order's counts and its end in step with its parcels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.states import ON_THE_WAY
from shop.orders.models import OrderLine
from shop.orders.services import fulfil_order

Count = Literal["qty_shipped", "qty_delivered", "qty_returned"]


def lines_of(shipment: Shipment) -> list[ShipmentLine]:
    """Return what is in a parcel, with the order lines."""
    inside = shipment.lines.select_related("order_line")
    return list(inside.order_by("order_line__position", "id"))


def add_to_lines(shipment: Shipment, lines: Sequence[ShipmentLine], count: Count) -> None:
    """Add a parcel's units to one count of its order lines; the caller has locked the order."""
    order_lines = [line.order_line for line in lines]
    for line, order_line in zip(lines, order_lines, strict=True):
        setattr(order_line, count, getattr(order_line, count) + line.quantity)
    OrderLine.objects.bulk_update(order_lines, [count])
    shipment.order.version += 1
    shipment.order.save(update_fields=["version"])


def end_order(shipment: Shipment, *, at: datetime) -> None:
    """Say that an order is fulfilled once nothing of it is open or on its way."""
    order = shipment.order
    is_on_its_way = order.shipments.filter(state__in=ON_THE_WAY).exists()
    if is_on_its_way or any(line.open_quantity for line in order.lines.all()):
        return
    fulfil_order(order, at=at)
