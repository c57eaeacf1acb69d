"""Cancelling an order on its page: where money is here it is asked whether it goes back."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest

from mdv.admin.actions import PLAN_HASH, Action, Made
from mdv.admin.fields import choice_field, radio_field
from mdv.admin.show import show_choice, show_money
from mdv.backoffice.cancelling_plan import ShownCancellation, show_cancellation
from mdv.backoffice.order_parts import lines_of, packed_units, say_units
from mdv.backoffice.refund_composer import has_refundable_money
from mdv.kernel import clock
from mdv.kernel.money import ZERO
from refunds import services
from refunds.admin.refund_actions import ask_providers, person_of
from refunds.models import Refund
from refunds.states import RefundState
from shop.orders.models import Order
from shop.orders.states import STAFF_CANCEL_REASONS, CancelReason, OrderStatus

REASONS = [(reason, show_choice(reason)) for reason, _ in STAFF_CANCEL_REASONS]
YES, NO = "yes", "no"
ANSWERS = {YES: True, NO: False}
CHOICES = [(YES, "Yes, all that is here"), (NO, "No, not now")]


class CancelForm(forms.Form):
    """Why, and whether the money goes back: see :func:`cancel_form`."""

    needs_plan: ClassVar[bool]
    plan_hash = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def wanted(self) -> dict[str, Any]:
        """What was filled in, as the services take it."""
        return {
            "reason": CancelReason(self.cleaned_data["reason"]),
            "refund": ANSWERS.get(self.cleaned_data["refund"]),
        }

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            self.cleaned_data["wanted"] = self.wanted
        return self.cleaned_data


def cancel_form(order: Order) -> type[CancelForm]:
    """Return the form for one order: it asks about money only where there is any.

    The fields are the same whatever becomes of the money, so that a form sent twice is known again.
    """
    asks = has_refundable_money(order)
    refund = radio_field(
        "Refund the customer?",
        CHOICES,
        required=asks,
        error_messages={"required": "Say whether the money goes back."},
        help_text="What does not go back is shown as owed to the customer.",
    )
    if not asks:
        refund.widget = forms.HiddenInput()
    fields = {"reason": choice_field("Reason", REASONS), "refund": refund}
    return type("OrderCancelForm", (CancelForm,), {**fields, "needs_plan": has_money(order)})


def plan(request: HttpRequest, order: Order, filled: dict[str, Any]) -> ShownCancellation | None:
    """Show what would come of it now; nothing where no money is here."""
    if not has_money(order):
        return None
    planned = services.plan_cancellation(
        number=order.number, **filled["wanted"], user_id=person_of(request).pk, at=clock.now()
    )
    return show_cancellation(order, planned)


def cancel(request: HttpRequest, order: Order, filled: dict[str, Any]) -> Made:
    done = services.cancel_order(
        number=order.number,
        **filled["wanted"],
        plan_hash=filled[PLAN_HASH],
        user_id=person_of(request).pk,
        at=clock.now(),
    )
    told = f"{order.number} is cancelled. Its stock is free again."
    if not done.refunds:
        return Made(text=told)
    return _made(told, done.refunds)


def _made(told: str, refunds: list[Refund]) -> Made:
    numbers = [one.number for one in refunds]
    amount = show_money(sum((one.amount for one in refunds), ZERO), refunds[0].currency)
    if refunds[0].state == RefundState.REQUESTED:
        return Made(text=f"{told} {', '.join(numbers)}: {amount} waits for a second person.")
    return Made(
        text=f"{told} {', '.join(numbers)}: {amount} is promised back.",
        then=partial(ask_providers, numbers),
    )


def has_money(order: Order) -> bool:
    """Tell whether money of the order has not gone back."""
    return order.captured_total > order.refunded_total


def say_what_cancelling_does(order: Order) -> str:
    held = say_units([(line, line.open_quantity) for line in lines_of(order) if line.open_quantity])
    parts = [f"Free again in stock: {held}." if held else "No stock is held."]
    if any(packed_units(order).values()):
        parts.append("What is packed of it is unpacked.")
    if order.coupon_id:
        parts.append("Its coupon can be used again.")
    if has_money(order):
        here = show_money(order.captured_total - order.refunded_total, order.currency)
        parts.append(f"{here} of its money is here. Nothing happens before you have seen the plan.")
    else:
        gone = "All of its money has gone back already."
        parts.append(gone if order.captured_total else "No money has come, so none goes back.")
        parts.append("The customer gets a mail. This cannot be undone.")
    return " ".join(parts)


def _cancels(name: str, status: OrderStatus, right: str) -> Action:
    """Return the button for orders in `status`: all of it is still in the house."""
    return Action(
        name=name,
        label="Cancel order",
        right=right,
        form=CancelForm,
        form_for=cancel_form,
        plan=plan,
        run=cancel,
        is_open=lambda order: (
            order.status == status and not any(line.qty_shipped for line in lines_of(order))
        ),
        preview=say_what_cancelling_does,
        template="mdv/backoffice/cancel.html",
        is_dangerous=True,
    )


CANCEL_ACTIONS = (
    _cancels("cancel", OrderStatus.PENDING, "orders.cancel_order"),
    _cancels("cancel-confirmed", OrderStatus.CONFIRMED, "orders.cancel_confirmed_order"),
)
