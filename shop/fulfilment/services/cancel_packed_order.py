"""Cancelling an order of which something may be packed already."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from shop.fulfilment.models import Shipment
from shop.fulfilment.services.move_shipment import give_up
from shop.fulfilment.states import IN_THE_HOUSE
from shop.orders.models import Order
from shop.orders.services import cancel_order, lock_order
from shop.orders.states import CancelReason

WHY = "The order was cancelled."


@transaction.atomic
def cancel_packed_order(
    *, number: str, reason: CancelReason, at: datetime, only_pending: bool = False
) -> Order:
    """Cancel an unpaid order together with its parcels that have not left. Cancelled: no-op.

    Orders' own service knows no parcels; it is refused at COMMIT where there are any.

    Raises:
        InvalidTransition, OrderHasPayments, AlreadyShipped, AlreadyConfirmed: 409.
    """
    unpack(lock_parcels_in_the_house(lock_order(number)), at=at)
    return cancel_order(number=number, reason=reason, at=at, only_pending=only_pending)


def lock_parcels_in_the_house(order: Order) -> list[Shipment]:
    """Lock the parcels of a locked order that have not left."""
    packed = Shipment.objects.filter(order=order, state__in=IN_THE_HOUSE)
    return list(packed.select_for_update(of=("self",)).order_by("id"))


def unpack(parcels: Iterable[Shipment], *, at: datetime) -> None:
    """Give locked parcels up, as their order is cancelled."""
    for parcel in parcels:
        give_up(parcel, at=at, note=WHY)
