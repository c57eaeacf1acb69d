"""The form on which a refund is composed: a stepper for each line and each reason to refund it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from mdv.admin.fields import choice_field, integer_field, text_field
from mdv.admin.show import show_choice, show_money
from mdv.backoffice.order_parts import name_of, payments_of
from mdv.kernel.money import MAX_DIGITS, PLACES, ZERO
from refunds.models import MAX_REFUND_NOTE_LENGTH
from refunds.services import Refundable, RefundWish, WantedLine
from refunds.services.refundable import WHY_NOT_MORE, RefundableLine, read_refundable
from refunds.states import HAS_ARRIVED, REASONS_TO_GIVE, RefundReason, RefundSource, Restock
from shop.orders.models import Order

BY_PROVIDER, BY_HAND = "by_provider", "by_hand"
METHODS = [
    (BY_PROVIDER, "The way it was paid; cash and transfers by hand"),
    (BY_HAND, "All of it by hand, at the bank"),
]
REASONS = [("", "Choose one"), *((reason, show_choice(reason)) for reason, _ in REASONS_TO_GIVE)]
NO_RETURN = ""
NAMES = {
    Restock.CANCEL: "Cancelled before they are sent: free again in stock",
    Restock.RETURN: "Came back",
    Restock.NONE: "Kept by the customer, or lost",
}
PREFIXES = tuple(f"{restock}_" for restock in Restock)
NOTHING_CHOSEN = "Say what is to be refunded: units, shipping or goodwill."


@dataclass(frozen=True, kw_only=True)
class Stepper:
    """One number of units, with how many there may be and why not more."""

    field: forms.BoundField
    name: str
    most: int
    why: str


@dataclass(frozen=True, kw_only=True)
class LineShown:
    """One line of the order and its steppers, those that lead anywhere or were filled in."""

    title: str
    counts: str
    steppers: list[Stepper]
    total: Decimal
    quantity: int
    units: int
    cost: Decimal


class RefundForm(forms.Form):
    """How many units of which line go back, and what else: see :func:`refund_form`.

    Filled in, it has a ``wish`` as the services take it.
    """

    refundable: ClassVar[Refundable]
    plan_hash = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            wish = self._wish()
            if not (wish.lines or wish.shipping or wish.goodwill):
                raise forms.ValidationError(NOTHING_CHOSEN, code="required")
            self.cleaned_data["wish"] = wish
        return self.cleaned_data

    @property
    def lines(self) -> list[LineShown]:
        """The order's lines as the page shows them."""
        return [self._shown(one) for one in self.refundable.lines]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields that are not about lines."""
        return [field for field in self.visible_fields() if not field.name.startswith(PREFIXES)]

    @property
    def left(self) -> Decimal:
        """What may go back at most."""
        return self.refundable.left

    def _wish(self) -> RefundWish:
        filled = self.cleaned_data
        of_return = filled["of_return"]
        return RefundWish(
            lines=[
                WantedLine(sku=one.line.sku, quantity=units, restock=restock)
                for one in self.refundable.lines
                for restock in NAMES
                if (units := filled[field_name(restock, one)])
            ],
            shipping=filled["shipping"] or ZERO,
            goodwill=filled["goodwill"] or ZERO,
            of_return=of_return,
            reason=RefundReason(filled["reason"]),
            source=RefundSource.RETURN if of_return else RefundSource.STAFF,
            note=filled["note"],
            by_hand=filled["method"] == BY_HAND,
        )

    def _shown(self, one: RefundableLine) -> LineShown:
        steppers = [
            Stepper(
                field=self[field_name(restock, one)],
                name=NAMES[restock],
                most=one.refundable(restock),
                why=WHY_NOT_MORE[restock],
            )
            for restock in NAMES
            if one.refundable(restock) or self[field_name(restock, one)].value()
        ]
        return LineShown(
            title=f"{one.line.sku} {name_of(one.line)}",
            counts=_say_counts(one),
            steppers=steppers,
            total=one.line.total,
            quantity=one.line.quantity,
            units=one.units,
            cost=one.cost,
        )


def refund_form(order: Order) -> type[RefundForm]:
    """Return the form for one order.

    The fields are the same whatever is refunded meanwhile, so that a form sent twice is known
    again.
    """
    refundable = read_refundable(order, payments_of(order))
    fields: dict[str, Any] = {
        field_name(restock, one): integer_field(NAMES[restock], required=False, min_value=0)
        for one in refundable.lines
        for restock in NAMES
    }
    shipping_left = min(refundable.shipping_left, refundable.left)
    fields["shipping"] = _money("Shipping", f"Up to {_shown(order, shipping_left)}.")
    overpaid = f" {_shown(order, refundable.overpaid)} was overpaid." if refundable.overpaid else ""
    fields["goodwill"] = _money("Goodwill", f"On top of goods and shipping.{overpaid}")
    returns = list(order.returns.filter(state__in=HAS_ARRIVED).order_by("-id"))
    fields["of_return"] = choice_field(
        "For the return",
        [(NO_RETURN, "None in particular"), *((one.number, one.number) for one in returns)],
        required=False,
        help_text="Then at most what came back with it counts as having come back.",
    )
    if not returns:
        fields["of_return"].widget = forms.HiddenInput()
    fields["method"] = choice_field("How", METHODS)
    fields["reason"] = choice_field("Why", REASONS)
    fields["note"] = text_field(
        "Note",
        max_length=MAX_REFUND_NOTE_LENGTH,
        required=False,
        help_text="For colleagues only: who approves reads it.",
    )
    return type("OrderRefundForm", (RefundForm,), {**fields, "refundable": refundable})


def field_name(restock: Restock, one: RefundableLine) -> str:
    """Return the name of a stepper's field."""
    return f"{restock}_{one.line.pk}"


def _say_counts(one: RefundableLine) -> str:
    counts = (
        (one.line.quantity, "ordered"),
        (one.packed, "packed"),
        (one.line.qty_cancelled, "cancelled"),
        (one.line.qty_shipped, "shipped"),
        (one.line.qty_returned, "came back"),
        (one.units, "refunded"),
    )
    return ", ".join(f"{count} {name}" for count, name in counts if count)


def _money(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{label} ({settings.STORE_CURRENCY})",
        min_value=ZERO,
        max_digits=MAX_DIGITS,
        decimal_places=PLACES,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


def _shown(order: Order, amount: Decimal) -> str:
    return show_money(amount, order.currency)
