"""A parcel has arrived."""

from datetime import datetime

from django.db import transaction

from shop.fulfilment.events import emit_delivered
from shop.fulfilment.letters import tell_delivered
from shop.fulfilment.models import Shipment
from shop.fulfilment.services.count_units import add_to_lines, end_order, lines_of
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.states import SHIPMENT, EventKind, ShipmentState


@transaction.atomic
def deliver_shipment(*, number: str, at: datetime, note: str = "") -> Shipment:
    """Say that a parcel has arrived; complete its order if it was the last and all is paid.

    Delivered already: nothing happens.

    Raises:
        NotFound: there is no such parcel.
        InvalidTransition: 409.
    """
    shipment = lock_shipment(number)
    if shipment.state == ShipmentState.DELIVERED:
        return shipment
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.DELIVERED)
    shipment.state = ShipmentState.DELIVERED
    shipment.ended_at = at
    shipment.version += 1
    shipment.save(update_fields=["state", "ended_at", "version"])
    lines = lines_of(shipment)
    add_to_lines(shipment, lines, "qty_delivered")
    note_event(shipment, EventKind.DELIVERED, at=at, note=note)
    emit_delivered(shipment, lines)
    end_order(shipment, at=at)
    tell_delivered(shipment)
    return shipment
