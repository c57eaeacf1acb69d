"""Money that is missing of an order since it was taken back, and accepting that on its page."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest

from mdv.accounts.models import User
from mdv.admin.actions import Action
from mdv.admin.fields import line_field
from mdv.admin.show import show_moment, show_money
from mdv.backoffice.order_parts import lines_of
from mdv.kernel import clock
from shop.orders import services as orders
from shop.orders.models import MAX_ACCEPTING_REASON_LENGTH, Order
from shop.orders.services import missing_of


class AcceptForm(forms.Form):
    reason = line_field(
        "Why may it leave",
        max_length=MAX_ACCEPTING_REASON_LENGTH,
        help_text="Colleagues see it on this page. The customer never does.",
    )
    # What the page said is missing, for the service to compare.
    amount = forms.DecimalField(widget=forms.HiddenInput)


def accept(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    lead = cast("User", request.user)
    accepted = orders.accept_missing(
        number=order.number,
        amount=filled["amount"],
        reason=filled["reason"],
        user_id=lead.pk,
        at=clock.now(),
    )
    return f"{show_money(accepted.amount, order.currency)} accepted as missing: it may leave."


def is_held(order: Order) -> bool:
    """Tell whether something of the order is in the house and stays there for want of money."""
    return missing_of(order).is_held and any(line.open_quantity for line in lines_of(order))


def say_what_accepting_does(order: Order) -> str:
    missing = show_money(missing_of(order).missing, order.currency)
    return (
        f"{missing} is missing, since money was taken back. The parcels may leave all the same. "
        "It stays due and nothing is booked. If more is taken back, what is still here stays here."
    )


def missing_shown(order: Order) -> list[str]:
    """Return what is to be said of money that is missing: what it stops, and who accepted it."""
    if not order.taken_back_total:
        return []
    told = []
    if is_held(order):
        missing = show_money(missing_of(order).missing, order.currency)
        told.append(
            f"Held: {missing} is missing. No parcel is made ready or leaves until it has come or "
            "is accepted as missing."
        )
    accepted = order.acceptances.select_related("accepted_by").order_by("-id")
    told += [
        f"{show_money(one.amount, order.currency)} accepted as missing by {one.accepted_by.email}, "
        f"{show_moment(one.accepted_at)}, because: {one.reason}"
        for one in accepted
    ]
    return told


ACCEPT_MISSING = Action(
    name="accept-missing",
    label="Accept what is missing",
    right="orders.accept_missing",
    form=AcceptForm,
    initial=lambda order: {"amount": missing_of(order).missing},
    run=accept,
    is_open=is_held,
    preview=say_what_accepting_does,
    is_dangerous=True,
)
