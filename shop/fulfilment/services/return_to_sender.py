"""A parcel comes back: nobody took it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from mdv.kernel.errors import FieldProblem, Invalid
from shop.fulfilment.events import emit_came_back
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.services.count_units import add_to_lines, end_order, lines_of
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.services.pack_shipment import Packed
from shop.fulfilment.states import SHIPMENT, EventKind, ShipmentState
from shop.stock.services import return_stock


@transaction.atomic
def return_to_sender(
    *, number: str, restock: Sequence[Packed] | None, at: datetime, note: str = ""
) -> Shipment:
    """Say that a parcel came back, and put what can be sold again on the shelf.

    `restock` names what goes back on the shelf, None is everything. Came back already: no-op.

    Raises:
        NotFound: there is no such parcel.
        Invalid: what is restocked was not in it, or not as much.
        InvalidTransition: 409.
    """
    shipment = lock_shipment(number)
    if shipment.state == ShipmentState.RETURNED_TO_SENDER:
        return shipment
    SHIPMENT.check(ShipmentState(shipment.state), ShipmentState.RETURNED_TO_SENDER)
    lines = lines_of(shipment)
    _restock(lines, restock)
    shipment.state = ShipmentState.RETURNED_TO_SENDER
    shipment.ended_at = at
    shipment.version += 1
    shipment.save(update_fields=["state", "ended_at", "version"])
    ShipmentLine.objects.bulk_update(lines, ["restocked"])
    add_to_lines(shipment, lines, "qty_returned")
    note_event(shipment, EventKind.RETURNED_TO_SENDER, at=at, note=note)
    emit_came_back(shipment, lines)
    end_order(shipment, at=at)
    on_the_shelf = {line.order_line.variant_id: line.restocked for line in lines if line.restocked}
    if on_the_shelf:
        return_stock(quantities=on_the_shelf, source=shipment.order.number, reason=shipment.number)
    return shipment


def _restock(lines: Sequence[ShipmentLine], restock: Sequence[Packed] | None) -> None:
    """Note on each line how much of it is sold again.

    Raises:
        Invalid: something was not in the parcel, or is named twice, or is too much.
    """
    if restock is None:
        for line in lines:
            line.restocked = line.quantity
        return
    by_sku = {line.order_line.sku: line for line in lines}
    problems = []
    seen: set[str] = set()
    for place, back in enumerate(restock):
        inside = by_sku.get(back.sku)
        if inside is None:
            message = "This was not in the parcel."
            problems.append(FieldProblem(f"restock.{place}.sku", "not_in_parcel", message))
        elif back.sku in seen:
            message = "This is named twice."
            problems.append(FieldProblem(f"restock.{place}.sku", "repeated", message))
        elif not 0 <= back.quantity <= inside.quantity:
            message = f"From 0 to {inside.quantity}: that many were in the parcel."
            problems.append(FieldProblem(f"restock.{place}.quantity", "max_value", message))
        else:
            inside.restocked = back.quantity
        seen.add(back.sku)
    if problems:
        raise Invalid(problems=problems)
