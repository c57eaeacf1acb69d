"""Packing: saying what of an order goes into which parcel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Sum

from audit.versions import check_version
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from shop.fulfilment.models import MAX_NOTE_LENGTH, Shipment, ShipmentLine
from shop.fulfilment.services.lock_shipment import lock_shipment, note_event
from shop.fulfilment.states import IN_THE_HOUSE, EventKind, ShipmentState
from shop.orders.models import Order, OrderLine
from shop.orders.services import lock_order, units_by_line
from shop.orders.states import OrderStatus

MAX_LINES = 200


class NotToBePacked(Conflict):
    code = "not_to_be_packed"
    detail = "Only what is ordered and confirmed is packed."


class NothingToPack(Conflict):
    code = "nothing_to_pack"
    detail = "Everything in this order is packed, shipped or cancelled."


class MoreThanIsOpen(Conflict):
    code = "more_than_is_open"
    detail = "That is more than is left of this order to be packed."
    described = {
        "lines": {
            "type": "array",
            "description": "What is too much.",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "requested": {"type": "integer", "description": "In units."},
                    "open": {"type": "integer", "description": "In units."},
                },
            },
        }
    }


class LinesAreFixed(Conflict):
    code = "lines_are_fixed"
    detail = "This parcel is packed. Cancel it and pack another one."


@dataclass(frozen=True, kw_only=True)
class Packed:
    """So many units of one article."""

    sku: str
    quantity: int


REFUSALS_OF_PACKING = (NotToBePacked, NothingToPack, MoreThanIsOpen)


@transaction.atomic
def create_shipment(*, number: str, at: datetime, lines: Sequence[Packed] = ()) -> Shipment:
    """Open a parcel for `lines` of an order or, without any, for everything that is open of it.

    Raises:
        NotFound: there is no such order.
        Invalid: an article is not in the order, or is named twice.
        NotToBePacked: 409, the order is not confirmed, or has ended.
        NothingToPack, MoreThanIsOpen: 409.
    """
    order = _lock_packable(number)
    wanted = _choose(order, lines)
    last = order.shipments.aggregate(last=Max("place"))["last"] or 0
    shipment = Shipment.objects.create(
        order=order, place=last + 1, number=f"{order.number}-{last + 1}", created_at=at
    )
    _fill(shipment, wanted)
    note_event(shipment, EventKind.PACKING, at=at, note=_say(wanted))
    return shipment


@transaction.atomic
def change_lines(
    *, number: str, lines: Sequence[Packed], at: datetime, version: int | None = None
) -> Shipment:
    """Replace what is in a parcel that is being packed. The same again: nothing happens.

    With `version`, only if that still is the present one.

    Raises:
        NotFound: there is no such parcel.
        Invalid: there are no lines, an article is not in the order, or is named twice.
        Stale: 412, someone changed it since.
        LinesAreFixed: 409, it is packed.
        NotToBePacked, MoreThanIsOpen: 409.
    """
    if not lines:
        message = "Say what is in it, or cancel the parcel."
        raise Invalid(problems=[FieldProblem("lines", "required", message)])
    shipment = lock_shipment(number)
    if shipment.state != ShipmentState.PACKING:
        raise LinesAreFixed
    check_version(shipment, present=shipment.version, expected=version)
    _check_packable(shipment.order)
    before = {line.order_line_id: line.quantity for line in shipment.lines.all()}
    wanted = _choose(shipment.order, lines, given_back=before)
    if {line.pk: quantity for line, quantity in wanted.items()} == before:
        return shipment
    shipment.lines.all().delete()
    _fill(shipment, wanted)
    shipment.version += 1
    shipment.save(update_fields=["version"])
    note_event(shipment, EventKind.LINES_CHANGED, at=at, note=_say(wanted))
    return shipment


def _lock_packable(number: str) -> Order:
    order = lock_order(number)
    _check_packable(order)
    return order


def _check_packable(order: Order) -> None:
    if order.status != OrderStatus.CONFIRMED:
        raise NotToBePacked(members={"status": order.status})


def _choose(
    order: Order, lines: Sequence[Packed], given_back: Mapping[int, int] | None = None
) -> dict[OrderLine, int]:
    """Return how many units of which lines go into the parcel, from what is open of the order.

    `given_back` is what the parcel held so far, by order line.
    """
    ordered = list(order.lines.order_by("position"))
    packed = _packed_units(order)
    for line_id, quantity in (given_back or {}).items():
        packed[line_id] -= quantity
    still_open = {line: line.open_quantity - packed.get(line.pk, 0) for line in ordered}
    if not lines:
        everything = {line: units for line, units in still_open.items() if units}
        if not everything:
            raise NothingToPack
        return everything
    wanted = units_by_line(ordered, lines)
    if not any(still_open.values()):
        raise NothingToPack
    _refuse_too_much(wanted, still_open)
    return wanted


def _refuse_too_much(wanted: Mapping[OrderLine, int], still_open: Mapping[OrderLine, int]) -> None:
    too_much = [
        {"sku": line.sku, "requested": units, "open": still_open[line]}
        for line, units in wanted.items()
        if units > still_open[line]
    ]
    if too_much:
        raise MoreThanIsOpen(members={"lines": too_much})


def _packed_units(order: Order) -> dict[int, int]:
    """Return how many units of each order line lie in parcels that have not left."""
    inside = ShipmentLine.objects.filter(shipment__order=order, shipment__state__in=IN_THE_HOUSE)
    sums = inside.values("order_line_id").annotate(units=Sum("quantity")).order_by("order_line_id")
    return {row["order_line_id"]: row["units"] for row in sums}


def _fill(shipment: Shipment, wanted: Mapping[OrderLine, int]) -> None:
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line=line, quantity=units)
        for line, units in wanted.items()
    )


def _say(wanted: Mapping[OrderLine, int]) -> str:
    told = ", ".join(f"{units} × {line.sku}" for line, units in wanted.items())
    return told if len(told) <= MAX_NOTE_LENGTH else told[: MAX_NOTE_LENGTH - 1] + "…"
