"""Handing a parcel to its carrier: the goods leave the house."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from shop.fulfilment.events import emit_shipped
from shop.fulfilment.letters import tell_shipped
from shop.fulfilment.models import Shipment
from shop.fulfilment.services.count_units import add_to_lines, lines_of
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.states import SHIPMENT, EventKind, ShipmentState
from shop.orders.services import refuse_while_money_is_missing
from shop.stock.services import ship_stock


class AlreadyDispatched(Conflict):
    code = "already_dispatched"
    detail = "This parcel left with another carrier or tracking number than the one you gave."
    described = {
        "carrier": {"type": "string", "description": "Whom it left with."},
        "tracking": {"type": "string", "description": "Its tracking number."},
    }


@transaction.atomic
def dispatch_shipment(*, number: str, carrier: str, at: datetime, tracking: str = "") -> Shipment:
    """Say that a parcel has left: its goods are no longer on hand. Left already: nothing happens.

    Raises:
        NotFound: there is no such parcel.
        Invalid: no carrier is named.
        AlreadyDispatched: 409, it left with another carrier or tracking number.
        InvalidTransition: 409, it is not ready, or has ended.
        MoneyIsMissing: 409, money of its order was taken back.
    """
    carrier, tracking = check_carrier(carrier), tracking.strip()
    shipment = lock_shipment(number)
    if shipment.state == ShipmentState.DISPATCHED:
        if (shipment.carrier, shipment.tracking) != (carrier, tracking):
            known = {"carrier": shipment.carrier, "tracking": shipment.tracking}
            raise AlreadyDispatched(members=known)
        return shipment
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.DISPATCHED)
    refuse_while_money_is_missing(shipment.order)
    shipment.state = ShipmentState.DISPATCHED
    shipment.carrier = carrier
    shipment.tracking = tracking
    shipment.dispatched_at = at
    shipment.version += 1
    shipment.save(update_fields=["state", "carrier", "tracking", "dispatched_at", "version"])
    lines = lines_of(shipment)
    add_to_lines(shipment, lines, "qty_shipped")
    note_event(shipment, EventKind.DISPATCHED, at=at, note=shipment.way)
    emit_shipped(shipment, lines)
    tell_shipped(shipment)
    ship_stock(  # the last step: stock is locked late
        quantities={line.order_line.variant_id: line.quantity for line in lines},
        source=shipment.order.number,
        reason=shipment.number,
    )
    return shipment


def check_carrier(carrier: str) -> str:
    """Return a carrier's name as it is kept.

    Raises:
        Invalid: there is none.
    """
    name = carrier.strip()
    if not name:
        problem = FieldProblem("carrier", "required", "Say who carries it.")
        raise Invalid(problems=[problem])
    return name
