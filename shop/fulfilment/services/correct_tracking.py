"""Saying where a parcel really is, after it left with a slip of the pen."""

from datetime import datetime

from django.db import transaction

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.fulfilment.models import Shipment
from shop.fulfilment.services.dispatch_shipment import check_carrier
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.states import ON_THE_WAY, EventKind


class NotOnItsWay(Conflict):
    code = "not_on_its_way"
    detail = (
        "Carrier and tracking number are corrected while a parcel is on its way: "
        "after it was dispatched, until it arrives or comes back."
    )


@transaction.atomic
def correct_tracking(
    *, number: str, carrier: str, tracking: str, at: datetime, version: int | None = None
) -> Shipment:
    """Replace carrier and tracking number of a parcel on its way. The same: nothing happens.

    With `version`, only if that still is the parcel's present one.

    Raises:
        NotFound: there is no such parcel.
        Invalid: no carrier is named.
        NotOnItsWay: 409, it has not left, or has ended.
        Stale: 412, someone changed it since.
    """
    carrier, tracking = check_carrier(carrier), tracking.strip()
    shipment = lock_shipment(number)
    if shipment.state not in ON_THE_WAY:
        raise NotOnItsWay
    check_version(shipment, present=shipment.version, expected=version)
    if (shipment.carrier, shipment.tracking) == (carrier, tracking):
        return shipment
    before = shipment.way
    shipment.carrier = carrier
    shipment.tracking = tracking
    shipment.version += 1
    shipment.save(update_fields=["carrier", "tracking", "version"])
    note = f"{before} → {shipment.way}"
    note_event(shipment, EventKind.TRACKING_CHANGED, at=at, note=note)
    return shipment
