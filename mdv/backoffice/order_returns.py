"""What of an order is on its way back, on the order's page, and how to enter a return there."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.actions import Action
from mdv.admin.fields import choice_field, integer_field, text_field
from mdv.admin.show import show_choice, show_label, show_link, show_moment, show_table
from mdv.backoffice.order_parts import lines_of, name_of
from mdv.kernel import clock
from refunds.admin.actions import RIGHT_TO_ASK
from refunds.admin.forms import REASONS
from refunds.admin.pages import COLOURS
from refunds.models import MAX_NOTE_LENGTH
from refunds.services import Wanted, request_return
from refunds.services.count_returnable import returnable_units
from refunds.states import ReturnReason, ReturnSource, ReturnState
from shop.orders.models import Order, OrderLine

COMING = "coming_"  # before a line's id: the field that says how many of it come back
NOTHING_COMES = "Say of at least one article how many come back."


class ComingForm(forms.Form):
    """How many units of which line come back: a field for each line, see coming_form."""

    def clean(self) -> Any:
        cleaned = super().clean()
        units = [self.cleaned_data.get(name) for name in self.fields if name.startswith(COMING)]
        if not self.errors and not any(units):
            raise forms.ValidationError(NOTHING_COMES, code="required")
        return cleaned


def coming_form(order: Order) -> type[forms.Form]:
    """Return the form for one order: a field for each line, shown where something may come back.

    The fields are the same whatever is returned meanwhile, so that a form sent twice is known.
    """
    lines = lines_of(order)
    returnable = returnable_units(order, lines)
    fields = {f"{COMING}{line.pk}": _coming_field(line, returnable[line.pk]) for line in lines}
    why = {
        "reason": choice_field("Why", REASONS),
        "note": text_field("Note", max_length=MAX_NOTE_LENGTH, required=False),
    }
    return type("OrderComingForm", (ComingForm,), {**fields, **why})


def _coming_field(line: OrderLine, returnable: int) -> forms.Field:
    if not returnable:
        return forms.IntegerField(required=False, widget=forms.HiddenInput)
    return integer_field(
        f"{line.sku} {name_of(line)}",
        required=False,
        min_value=0,
        help_text=f"{returnable} of {line.quantity} may come back.",
    )


def enter_return(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    wanted = [
        Wanted(sku=line.sku, quantity=filled[f"{COMING}{line.pk}"])
        for line in lines_of(order)
        if filled[f"{COMING}{line.pk}"]
    ]
    returned = request_return(
        number=order.number,
        lines=wanted,
        reason=ReturnReason(filled["reason"]),
        source=ReturnSource.STAFF,
        note=filled["note"],
        at=clock.now(),
    )
    return f"Return {returned.number} waits for a decision."


RETURN = Action(
    name="return",
    label="Return",
    right=RIGHT_TO_ASK,
    form=ComingForm,
    form_for=coming_form,
    run=enter_return,
    is_open=lambda order: any(line.qty_delivered for line in lines_of(order)),
    preview="For a customer who asked by phone or mail, also after the time for returns. "
    "It waits for a decision then. Neither goods nor money move.",
)


def returns_shown(order: Order) -> SafeString | str:
    """Return a table of the order's returns, the newest first; nothing if there are none."""
    returns = list(order.returns.order_by("-id"))
    if not returns:
        return ""
    return show_table(
        ("Number", "State", "Why", "Asked for"),
        [
            (
                show_link("refunds_return", one.pk, one.number),
                show_label(show_choice(one.state), COLOURS[ReturnState(one.state)]),
                show_choice(one.reason),
                show_moment(one.requested_at),
            )
            for one in returns
        ],
        is_stacked=True,
    )
