"""What can be done to an order: the buttons of its page."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest

from mdv.accounts.models import User
from mdv.admin.actions import Action
from mdv.admin.fields import (
    choice_field,
    line_field,
    money_field,
    text_field,
    tick_field,
)
from mdv.admin.show import show_choice, show_money
from mdv.kernel import clock
from shop.fulfilment.services import cancel_packed_order
from shop.orders import services as orders
from shop.orders.models import Order
from shop.orders.services.write_note import MAX_LENGTH
from shop.orders.states import PAID_ON_DELIVERY, CancelReason, OrderStatus
from shop.payments import services as payments
from shop.payments.services.record_payment import MAX_REFERENCE_LENGTH
from shop.payments.states import Channel

STAFF_REASONS = [
    (reason.value, show_choice(reason))
    for reason in (
        CancelReason.STAFF,
        CancelReason.CUSTOMER,
        CancelReason.FRAUD,
        CancelReason.OUT_OF_STOCK,
    )
]
CHANNELS = [(channel.value, show_choice(channel)) for channel in Channel]
WHAT_CANCELLING_DOES = (
    "Its stock and its coupon are given back, and what is packed of it is unpacked. "
    "This cannot be undone."
)


class CancelForm(forms.Form):
    reason = choice_field("Reason", STAFF_REASONS)


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


class NoteForm(forms.Form):
    text = text_field("Note", max_length=MAX_LENGTH, help_text="For colleagues only.")


def confirm(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    orders.confirm_pay_on_delivery(number=order.number, at=clock.now())
    return f"{order.number} is confirmed."


def cancel(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    cancel_packed_order(
        number=order.number,
        reason=CancelReason(filled["reason"]),
        at=clock.now(),
        only_pending=not request.user.has_perm("orders.cancel_confirmed_order"),
    )
    return f"{order.number} is cancelled. Its stock is free again."


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


def write_note(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    author = cast("User", request.user)
    orders.write_note(number=order.number, text=filled["text"], author_id=author.pk)
    return "Note added."


def suggest_payment(order: Order) -> dict[str, Any]:
    """Suggest that what is due came in the way in which the order is paid."""
    by_hand = order.payment_method in PAID_ON_DELIVERY
    return {"amount": order.due, "channel": Channel.CASH if by_hand else Channel.BANK_TRANSFER}


def say_what_is_due(order: Order) -> str:
    due = show_money(order.due, order.currency)
    return f"{due} is due. The order is confirmed as soon as it is paid in full."


def say_what_to_take(order: Order) -> str:
    due = show_money(order.due, order.currency)
    return f"The goods may leave before the money comes: {due} is to be taken when they arrive."


ORDER_ACTIONS = (
    Action(
        name="book-payment",
        label="Book payment",
        right="payments.record_payment",
        form=PaymentForm,
        initial=suggest_payment,
        run=book_payment,
        is_open=lambda order: order.due > 0 and order.status != OrderStatus.CANCELLED,
        preview=say_what_is_due,
    ),
    Action(
        name="confirm",
        label="Confirm",
        right="orders.confirm_order",
        run=confirm,
        is_open=lambda order: order.status == OrderStatus.PENDING and order.pay_on_delivery,
        preview=say_what_to_take,
    ),
    Action(
        name="note",
        label="Add note",
        right="orders.write_note",
        form=NoteForm,
        run=write_note,
    ),
    Action(
        name="cancel",
        label="Cancel order",
        right="orders.cancel_order",
        form=CancelForm,
        run=cancel,
        is_open=lambda order: order.status == OrderStatus.PENDING and not order.captured_total,
        preview=WHAT_CANCELLING_DOES,
        is_dangerous=True,
    ),
    Action(
        name="cancel-confirmed",
        label="Cancel order",
        right="orders.cancel_confirmed_order",
        form=CancelForm,
        run=cancel,
        is_open=lambda order: order.status == OrderStatus.CONFIRMED and not order.captured_total,
        preview=WHAT_CANCELLING_DOES,
        is_dangerous=True,
    ),
)
