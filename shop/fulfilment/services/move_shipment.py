"""Following a parcel where neither stock nor the order's counts change."""

from datetime import datetime

from django.db import transaction

from shop.fulfilment.letters import tell_ready
from shop.fulfilment.models import Shipment
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.states import SHIPMENT, EventKind, ShipmentState
from shop.orders.services import refuse_while_money_is_missing


@transaction.atomic
def mark_ready(*, number: str, at: datetime) -> Shipment:
    """Say that a parcel is packed and waits for its carrier. Ready already: nothing happens.

    Raises:
        NotFound: there is no such parcel.
        InvalidTransition: 409.
        MoneyIsMissing: 409, money of its order was taken back.
    """
    shipment = lock_shipment(number)
    if shipment.state == ShipmentState.READY:
        return shipment
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.READY)
    refuse_while_money_is_missing(shipment.order)
    shipment.state = ShipmentState.READY
    shipment.ready_at = at
    shipment.version += 1
    shipment.save(update_fields=["state", "ready_at", "version"])
    note_event(shipment, EventKind.READY, at=at)
    tell_ready(shipment)
    return shipment


@transaction.atomic
def mark_in_transit(*, number: str, at: datetime, note: str = "") -> Shipment:
    """Say that the carrier has scanned a parcel. In transit already: nothing happens.

    Raises:
        NotFound: there is no such parcel.
        InvalidTransition: 409.
    """
    shipment = lock_shipment(number)
    if shipment.state == ShipmentState.IN_TRANSIT:
        return shipment
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.IN_TRANSIT)
    shipment.state = ShipmentState.IN_TRANSIT
    shipment.version += 1
    shipment.save(update_fields=["state", "version"])
    note_event(shipment, EventKind.IN_TRANSIT, at=at, note=note)
    return shipment


@transaction.atomic
def cancel_shipment(*, number: str, at: datetime, note: str = "") -> Shipment:
    """Give a parcel up that has not left: what is in it is open again. Cancelled: no-op.

    Raises:
        NotFound: there is no such parcel.
        InvalidTransition: 409, it has left the house.
    """
    shipment = lock_shipment(number)
    if shipment.state != ShipmentState.CANCELLED:
        give_up(shipment, at=at, note=note)
    return shipment


def give_up(shipment: Shipment, *, at: datetime, note: str = "") -> None:
    """Cancel a parcel that the caller locked, with its order.

    Raises:
        InvalidTransition: 409, it has left the house.
    """
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.CANCELLED)
    shipment.state = ShipmentState.CANCELLED
    shipment.ended_at = at
    shipment.version += 1
    shipment.save(update_fields=["state", "ended_at", "version"])
    note_event(shipment, EventKind.CANCELLED, at=at, note=note)
