"""Locking a parcel as all services do, and writing down what happened to it."""

from datetime import datetime

from mdv.kernel import context
from mdv.kernel.errors import NotFound
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.fulfilment.states import EventKind
from shop.orders.services import lock_order


def lock_shipment(number: str) -> Shipment:
    """Lock a parcel for the rest of the transaction, its order first.

    Raises:
        NotFound: there is none.
    """
    found = Shipment.objects.filter(number=number).values_list("order__number", flat=True).first()
    if found is None:
        raise NotFound
    order = lock_order(found)
    shipment = Shipment.objects.select_for_update().get(number=number)
    shipment.order = order
    return shipment


def note_event(shipment: Shipment, kind: EventKind, *, at: datetime, note: str = "") -> None:
    """Write down what happened to a parcel, and who said so."""
    now = context.current()
    ShipmentEvent.objects.create(
        shipment=shipment,
        kind=kind,
        happened_at=at,
        note=note,
        actor_id=now.actor.id,
        actor_label=now.actor.label,
        request_id=now.request_id,
    )
