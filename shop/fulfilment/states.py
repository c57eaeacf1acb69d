"""The states of a parcel, and what may follow what."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class ShipmentState(TextChoices):
    PACKING = "packing"
    READY = "ready"
    DISPATCHED = "dispatched"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    CANCELLED = "cancelled"


class EventKind(TextChoices):
    """What can be written down of a parcel: that it got into a state, or that it was changed."""

    PACKING = "packing"
    LINES_CHANGED = "lines_changed"
    READY = "ready"
    DISPATCHED = "dispatched"
    TRACKING_CHANGED = "tracking_changed"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    CANCELLED = "cancelled"


# Goods in the house that are promised to a parcel.
IN_THE_HOUSE = frozenset({ShipmentState.PACKING, ShipmentState.READY})
ON_THE_WAY = frozenset({ShipmentState.DISPATCHED, ShipmentState.IN_TRANSIT})
# Goods that have left the house, whatever became of them.
SHIPPED = ON_THE_WAY | {ShipmentState.DELIVERED, ShipmentState.RETURNED_TO_SENDER}


class Worklist(TextChoices):
    """What somebody who works with parcels has before them."""

    TO_PACK = "to_pack"
    TO_SHIP = "to_ship"
    IN_TRANSIT = "in_transit"


ON_WORKLIST = {
    Worklist.TO_PACK: frozenset({ShipmentState.PACKING}),
    Worklist.TO_SHIP: frozenset({ShipmentState.READY}),
    Worklist.IN_TRANSIT: ON_THE_WAY,
}

SHIPMENT = StateTable(
    "shipment",
    {
        ShipmentState.PACKING: frozenset({ShipmentState.READY, ShipmentState.CANCELLED}),
        ShipmentState.READY: frozenset({ShipmentState.DISPATCHED, ShipmentState.CANCELLED}),
        # Not every carrier tells of a parcel on its way: it may be delivered without a scan.
        ShipmentState.DISPATCHED: frozenset(
            {
                ShipmentState.IN_TRANSIT,
                ShipmentState.DELIVERED,
                ShipmentState.RETURNED_TO_SENDER,
            }
        ),
        ShipmentState.IN_TRANSIT: frozenset(
            {ShipmentState.DELIVERED, ShipmentState.RETURNED_TO_SENDER}
        ),
        ShipmentState.DELIVERED: frozenset(),
        ShipmentState.RETURNED_TO_SENDER: frozenset(),
        ShipmentState.CANCELLED: frozenset(),
    },
)
