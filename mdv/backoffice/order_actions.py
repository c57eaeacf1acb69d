"""What can be done to an order: the buttons of its page."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest

from mdv.accounts.models import User
from mdv.admin.actions import Action
from mdv.admin.fields import (
    choice_field,
    integer_field,
    line_field,
    money_field,
    text_field,
    tick_field,
)
from mdv.admin.show import show_choice, show_money
from mdv.backoffice.order_cancelling import CANCEL_ACTIONS
from mdv.backoffice.order_missing import ACCEPT_MISSING
from mdv.backoffice.order_parts import (
    lines_of,
    name_of,
    say_units,
    units_to_pack,
)
from mdv.backoffice.order_returns import RETURN
from mdv.backoffice.refund_composer import REFUND
from mdv.kernel import clock
from shop.fulfilment.admin.actions import RIGHT_TO_PACK
from shop.fulfilment.services import Packed, create_shipment
from shop.orders import services as orders
from shop.orders.models import Order, OrderLine
from shop.orders.services.write_note import MAX_LENGTH
from shop.orders.states import PAID_ON_DELIVERY, OrderStatus
from shop.payments import services as payments
from shop.payments.services.record_payment import MAX_REFERENCE_LENGTH
from shop.payments.states import Channel

CHANNELS = [(channel.value, show_choice(channel)) for channel in Channel]
UNITS = "units_"  # before a line's id: the field that says how many of it are packed
WHAT_PACKING_PARTS_DOES = (
    "What you choose goes into a new parcel and stays in stock until it leaves. The rest can be "
    "packed later. The customer is not told yet."
)
NOTHING_CHOSEN = "Say of at least one article how many are packed."


class PaymentForm(forms.Form):
    amount = money_field("Amount that arrived")
    channel = choice_field("How", CHANNELS)
    reference = line_field(
        "Reference",
        max_length=MAX_REFERENCE_LENGTH,
        help_text="The bank's or the receipt's. It can be booked once only.",
    )
    accept_excess = tick_field(
        "This is more than is due",
        help_text="Only if so much really arrived: the order is overpaid then.",
    )


class PartsForm(forms.Form):
    """How many units of which line go into a parcel: a field for each line, see parts_form."""

    def clean(self) -> Any:
        cleaned = super().clean()
        if not self.errors and not any(self.cleaned_data.values()):
            raise forms.ValidationError(NOTHING_CHOSEN, code="required")
        return cleaned


def parts_form(order: Order) -> type[forms.Form]:
    """Return the form for one order: a field for each line, shown where something is open.

    The fields are the same whatever is packed meanwhile, so that a form sent twice is known again.
    """
    to_pack = units_to_pack(order)
    fields = {
        f"{UNITS}{line.pk}": _units_field(line, to_pack.get(line, 0)) for line in lines_of(order)
    }
    return type("OrderPartsForm", (PartsForm,), fields)


def _units_field(line: OrderLine, still_open: int) -> forms.Field:
    if not still_open:
        return forms.IntegerField(required=False, widget=forms.HiddenInput)
    return integer_field(
        f"{line.sku} {name_of(line)}",
        required=False,
        min_value=0,
        help_text=f"{still_open} of {line.quantity} to be packed.",
    )


class NoteForm(forms.Form):
    text = text_field("Note", max_length=MAX_LENGTH, help_text="For colleagues only.")


def confirm(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    orders.confirm_pay_on_delivery(number=order.number, at=clock.now())
    return f"{order.number} is confirmed."


def book_payment(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    paid = payments.record_payment(
        number=order.number,
        amount=filled["amount"],
        channel=Channel(filled["channel"]),
        reference=filled["reference"],
        accept_excess=filled["accept_excess"],
        at=clock.now(),
    )
    return f"{show_money(filled['amount'], order.currency)} booked. {paid.number} is {paid.status}."


def pack(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    parcel = create_shipment(number=order.number, at=clock.now())
    return f"Parcel {parcel.number} is being packed."


def pack_parts(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    chosen = [
        Packed(sku=line.sku, quantity=filled[f"{UNITS}{line.pk}"])
        for line in lines_of(order)
        if filled[f"{UNITS}{line.pk}"]
    ]
    parcel = create_shipment(number=order.number, lines=chosen, at=clock.now())
    return f"Parcel {parcel.number} is being packed."


def write_note(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    author = cast("User", request.user)
    orders.write_note(number=order.number, text=filled["text"], author_id=author.pk)
    return "Note added."


def suggest_payment(order: Order) -> dict[str, Any]:
    """Suggest that what is due came in the way in which the order is paid."""
    by_hand = order.payment_method in PAID_ON_DELIVERY
    return {"amount": order.due, "channel": Channel.CASH if by_hand else Channel.BANK_TRANSFER}


def say_what_booking_does(order: Order) -> str:
    due = show_money(order.due, order.currency)
    confirming = "the order is confirmed, gets its invoice, and " * (
        order.status == OrderStatus.PENDING
    )
    return (
        f"{due} is due. Once it is paid in full, {confirming}the customer gets a mail. "
        "Goods do not move."
    )


def say_what_confirming_does(order: Order) -> str:
    due = show_money(order.due, order.currency)
    return (
        f"The goods may be packed and leave before the money comes: {due} is to be taken when "
        "they arrive. The invoice is issued now, and the customer gets a mail."
    )


def say_what_packing_does(order: Order) -> str:
    units = say_units(list(units_to_pack(order).items())) or "Nothing: all is packed or has left"
    return (
        f"Into a new parcel: {units}. It stays in stock until the parcel leaves. "
        "Its packing slip can be printed at once; the customer is not told yet."
    )


def may_be_packed(order: Order) -> bool:
    return order.status == OrderStatus.CONFIRMED and bool(units_to_pack(order))


ORDER_ACTIONS = (
    Action(
        name="confirm",
        label="Confirm",
        right="orders.confirm_order",
        run=confirm,
        is_open=lambda order: order.status == OrderStatus.PENDING and order.pay_on_delivery,
        preview=say_what_confirming_does,
    ),
    Action(
        name="pack",
        label="Pack everything",
        right=RIGHT_TO_PACK,
        run=pack,
        is_open=may_be_packed,
        preview=say_what_packing_does,
    ),
    Action(
        name="pack-parts",
        label="Pack parts",
        right=RIGHT_TO_PACK,
        form=PartsForm,
        form_for=parts_form,
        run=pack_parts,
        is_open=may_be_packed,
        preview=WHAT_PACKING_PARTS_DOES,
    ),
    Action(
        name="book-payment",
        label="Book payment",
        right="payments.record_payment",
        form=PaymentForm,
        initial=suggest_payment,
        run=book_payment,
        is_open=lambda order: order.due > 0 and order.status != OrderStatus.CANCELLED,
        preview=say_what_booking_does,
    ),
    ACCEPT_MISSING,
    RETURN,
    REFUND,
    Action(
        name="note",
        label="Add note",
        right="orders.write_note",
        form=NoteForm,
        run=write_note,
        preview="Colleagues see it on this page. The customer never does.",
    ),
    *CANCEL_ACTIONS,
)
