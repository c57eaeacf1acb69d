"""Giving units up that are still in the house: their stock is free, and the order may end."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from refunds.models import RefundedLine
from shop.fulfilment.models import Shipment
from shop.fulfilment.states import ON_THE_WAY
from shop.orders.models import Order
from shop.orders.services import cancel_open_order, fulfil_order
from shop.orders.states import CancelReason
from shop.stock.services import release_stock

WHY = "refunded"


def cancel_units(
    order: Order, units: Mapping[int, int], *, at: datetime, on_its_way: Decimal
) -> None:
    """Cancel units of a locked order, by order line. The caller looked that they are in the house.

    An order of which nothing is left and nothing has gone is cancelled, and the customer told of
    what is `on_its_way` back; one of which the rest has arrived is fulfilled.
    """
    lines = list(RefundedLine.objects.filter(order=order).order_by("variant_id"))
    for line in lines:
        line.qty_cancelled += units.get(line.pk, 0)
    RefundedLine.objects.bulk_update(lines, ["qty_cancelled"])
    is_open = any(line.open_quantity for line in lines)
    has_left = any(line.qty_shipped for line in lines)
    is_on_its_way = Shipment.objects.filter(order=order, state__in=ON_THE_WAY).exists()
    if not is_open and not has_left:
        cancel_open_order(order, reason=CancelReason.STAFF, at=at, on_its_way=on_its_way)
    elif not is_open and not is_on_its_way:
        fulfil_order(order, at=at)
    held = {line.variant_id: units[line.pk] for line in lines if line.pk in units}
    release_stock(quantities=held, source=order.number, reason=WHY)
