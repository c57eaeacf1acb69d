"""What can be done to a parcel: the buttons of its page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from mdv.admin.actions import Action
from mdv.admin.fields import choice_field, line_field
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.admin.fields import UnitsField
from shop.fulfilment.models import (
    MAX_CARRIER_LENGTH,
    MAX_NOTE_LENGTH,
    MAX_TRACKING_LENGTH,
    Shipment,
)
from shop.fulfilment.states import ON_THE_WAY, SHIPMENT, ShipmentState
from shop.orders.services import MoneyIsMissing, refuse_while_money_is_missing
from shop.pricing.states import DeliveryMethod

MAX_NUMBER_LENGTH = 16
RIGHT_TO_PACK = "fulfilment.add_shipment"
RIGHT_TO_SHIP = "fulfilment.ship_shipment"
EVERYTHING, NOTHING, SOME = "everything", "nothing", "some"
RESTOCK = [
    (EVERYTHING, "Everything in it"),
    (SOME, "What is listed below"),
    (NOTHING, "Nothing"),
]
HANDED_OVER = "Fetched"


class PackForm(forms.Form):
    number = line_field("Order", max_length=MAX_NUMBER_LENGTH)
    lines = UnitsField(
        "What goes in",
        required=False,
        help_text="One article a line: SKU, space, units. Left empty: everything that is open.",
    )


class LinesForm(forms.Form):
    lines = UnitsField("What is in it")
    shown = forms.IntegerField(widget=forms.HiddenInput)  # the version, for the service to compare


class DispatchForm(forms.Form):
    carrier = line_field("Carrier", max_length=MAX_CARRIER_LENGTH)
    tracking = line_field("Tracking number", max_length=MAX_TRACKING_LENGTH, required=False)


class TrackingForm(DispatchForm):
    shown = forms.IntegerField(widget=forms.HiddenInput)  # the version, for the service to compare


class NoteForm(forms.Form):
    note = line_field(
        "Note", max_length=MAX_NOTE_LENGTH, required=False, help_text="For colleagues only."
    )


class CameBackForm(NoteForm):
    restock = choice_field("What goes back on the shelf", RESTOCK)
    lines = UnitsField("If not everything", required=False)
    field_order = ("restock", "lines", "note")


def pack(request: HttpRequest, _: None, filled: dict[str, Any]) -> str:
    number = filled["number"].strip().upper()
    shipment = services.create_shipment(number=number, lines=filled["lines"], at=clock.now())
    return f"Parcel {shipment.number} is being packed."


def repack(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.change_lines(
        number=shipment.number, lines=filled["lines"], version=filled["shown"], at=clock.now()
    )
    return f"What is in {shipment.number} is changed."


def make_ready(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.mark_ready(number=shipment.number, at=clock.now())
    return f"{shipment.number} waits for its carrier."


def dispatch(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.dispatch_shipment(number=shipment.number, **filled, at=clock.now())
    return f"{shipment.number} has left with {filled['carrier']}."


def correct(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    corrected = services.correct_tracking(
        number=shipment.number,
        carrier=filled["carrier"],
        tracking=filled["tracking"],
        version=filled["shown"],
        at=clock.now(),
    )
    return f"{shipment.number} is followed as {corrected.way}."


def scan(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.mark_in_transit(number=shipment.number, **filled, at=clock.now())
    return f"{shipment.number} is in transit."


def deliver(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.deliver_shipment(number=shipment.number, **filled, at=clock.now())
    return f"{shipment.number} has arrived."


def take_back(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    chosen = {EVERYTHING: None, NOTHING: (), SOME: filled["lines"]}
    services.return_to_sender(
        number=shipment.number,
        restock=chosen[filled["restock"]],
        note=filled["note"],
        at=clock.now(),
    )
    return f"{shipment.number} came back."


def give_up(request: HttpRequest, shipment: Shipment, filled: dict[str, Any]) -> str:
    services.cancel_shipment(number=shipment.number, **filled, at=clock.now())
    return f"{shipment.number} is given up. What was in it is to be packed again."


def may_become(state: ShipmentState) -> Callable[[Shipment], bool]:
    """Return the question whether a parcel's next step may lead to `state`."""
    return lambda shipment: state in SHIPMENT.next_states(ShipmentState(shipment.state))


def say_or_held(text: str) -> Callable[[Shipment], str]:
    """Return what a step does, unless money is missing of the parcel's order: then what stops it.

    The service decides.
    """

    def say(shipment: Shipment) -> str:
        try:
            refuse_while_money_is_missing(shipment.order)
        except MoneyIsMissing as refusal:
            return refusal.message
        return text

    return say


def suggest_lines(shipment: Shipment) -> dict[str, Any]:
    lines = shipment.lines.select_related("order_line").order_by("order_line__position")
    return {"lines": "\n".join(f"{line.order_line.sku} {line.quantity}" for line in lines)}


def suggest_carrier(shipment: Shipment) -> dict[str, Any]:
    is_fetched = shipment.order.delivery_method == DeliveryMethod.PICKUP
    return {"carrier": HANDED_OVER if is_fetched else ""}


def suggest_tracking(shipment: Shipment) -> dict[str, Any]:
    return {
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "shown": shipment.version,
    }


def suggest_restock(shipment: Shipment) -> dict[str, Any]:
    return {"restock": EVERYTHING, **suggest_lines(shipment)}


PACK = Action(
    name="add",
    label="Pack a parcel",
    right=RIGHT_TO_PACK,
    form=PackForm,
    run=pack,
    preview="What goes in is no longer open. It stays on hand until the parcel leaves.",
)
SHIPMENT_ACTIONS = (
    Action(
        name="ready",
        label="Ready",
        right=RIGHT_TO_SHIP,
        run=make_ready,
        is_open=may_become(ShipmentState.READY),
        preview=say_or_held("It is packed and closed, and waits for its carrier."),
    ),
    Action(
        name="repack",
        label="Change what is in it",
        right=RIGHT_TO_PACK,
        form=LinesForm,
        initial=lambda shipment: {**suggest_lines(shipment), "shown": shipment.version},
        run=repack,
        is_open=lambda shipment: shipment.state == ShipmentState.PACKING,
    ),
    Action(
        name="dispatch",
        label="Dispatch",
        right=RIGHT_TO_SHIP,
        form=DispatchForm,
        initial=suggest_carrier,
        run=dispatch,
        is_open=may_become(ShipmentState.DISPATCHED),
        preview=say_or_held(
            "Its goods leave the stock, and the customer gets a mail with the tracking number."
        ),
    ),
    Action(
        name="in-transit",
        label="In transit",
        right=RIGHT_TO_SHIP,
        form=NoteForm,
        run=scan,
        is_open=may_become(ShipmentState.IN_TRANSIT),
        preview="The carrier has scanned it.",
    ),
    Action(
        name="deliver",
        label="Delivered",
        right=RIGHT_TO_SHIP,
        form=NoteForm,
        run=deliver,
        is_open=may_become(ShipmentState.DELIVERED),
        preview="The customer gets a mail. After the last parcel a paid order is completed.",
    ),
    Action(
        name="returned",
        label="Came back",
        right=RIGHT_TO_SHIP,
        form=CameBackForm,
        initial=suggest_restock,
        run=take_back,
        is_open=may_become(ShipmentState.RETURNED_TO_SENDER),
        preview="Nobody took it, and it is here again. This cannot be undone.",
        is_dangerous=True,
    ),
    Action(
        name="tracking",
        label="Correct tracking",
        right=RIGHT_TO_SHIP,
        form=TrackingForm,
        initial=suggest_tracking,
        run=correct,
        is_open=lambda shipment: shipment.state in ON_THE_WAY,
        preview="The customer sees it where they follow their order. No mail is sent.",
    ),
    Action(
        name="give-up",
        label="Give up parcel",
        right=RIGHT_TO_SHIP,
        form=NoteForm,
        run=give_up,
        is_open=may_become(ShipmentState.CANCELLED),
        preview="What is in it is unpacked and open again. The order stays as it is.",
        is_dangerous=True,
    ),
)
