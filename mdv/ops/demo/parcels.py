"""Getting the demo shop's parcels on their way, through the services."""

from datetime import datetime

from shop.fulfilment import services
from shop.fulfilment.states import ShipmentState

CARRIERS = ("Swift Couriers", "Harbour Post", "Own driver")
TRACKING = "SC{number:08d}"


def move_parcel(number: str, state: ShipmentState, *, parcels: int, at: datetime) -> None:
    """Bring an order's parcel into its next state. `parcels` is how many left before it."""
    parcel = f"{number}-1"
    match state:
        case ShipmentState.PACKING:
            services.create_shipment(number=number, at=at)
        case ShipmentState.READY:
            services.mark_ready(number=parcel, at=at)
        case ShipmentState.DISPATCHED:
            services.dispatch_shipment(
                number=parcel,
                carrier=CARRIERS[parcels % len(CARRIERS)],
                tracking=TRACKING.format(number=parcels),
                at=at,
            )
        case ShipmentState.IN_TRANSIT:
            services.mark_in_transit(number=parcel, at=at)
        case ShipmentState.DELIVERED:
            services.deliver_shipment(number=parcel, at=at)
        case ShipmentState.RETURNED_TO_SENDER:
            services.return_to_sender(
                number=parcel, restock=None, at=at, note="Nobody was there, three times."
            )
