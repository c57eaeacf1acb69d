"""What the world learns of parcels. No event names a person."""

from collections.abc import Sequence

from mdv.events.kinds import declare
from mdv.events.services import emit
from shop.fulfilment.models import Shipment, ShipmentLine

SHIPPED = declare("order.shipped", "A parcel of it has left the house.")
DELIVERED = declare("order.delivered", "A parcel of it has arrived.")
CAME_BACK = declare("order.returned_to_sender", "A parcel of it came back without being delivered.")


def emit_shipped(shipment: Shipment, lines: Sequence[ShipmentLine]) -> None:
    """Tell that a parcel has left the house, and how to follow it."""
    _emit(SHIPPED, shipment, lines, carrier=shipment.carrier, tracking=shipment.tracking)


def emit_delivered(shipment: Shipment, lines: Sequence[ShipmentLine]) -> None:
    """Tell that a parcel has arrived."""
    _emit(DELIVERED, shipment, lines)


def emit_came_back(shipment: Shipment, lines: Sequence[ShipmentLine]) -> None:
    """Tell that a parcel came back."""
    _emit(CAME_BACK, shipment, lines)


def _emit(kind: str, shipment: Shipment, lines: Sequence[ShipmentLine], **payload: object) -> None:
    inside = [{"sku": line.order_line.sku, "quantity": line.quantity} for line in lines]
    emit(
        kind,
        shipment.order,
        number=shipment.order.number,
        payload={"shipment": shipment.number, **payload, "lines": inside},
    )
