"""The refund composer: the first press shows the plan, the second does exactly that."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from mdv.admin.actions import PLAN_HASH, Action, Made
from mdv.admin.show import show_money
from mdv.backoffice.order_parts import money_promised_back, payments_of
from mdv.backoffice.refund_form import RefundForm, refund_form
from mdv.backoffice.refund_plan import ShownPlan, show_plan
from mdv.kernel import clock
from mdv.kernel.money import ZERO
from refunds import services
from refunds.admin.refund_actions import RIGHT_TO_REQUEST, ask_providers, person_of
from refunds.models import Refund
from refunds.services import ExceedsRefundable
from refunds.states import RefundState
from shop.orders.models import Order


def plan(request: HttpRequest, order: Order, filled: dict[str, Any]) -> ShownPlan:
    """Show what would come of it now."""
    try:
        planned = services.plan_refund(
            number=order.number,
            wish=filled["wish"],
            user_id=person_of(request).pk,
            at=clock.now(),
        )
    except ExceedsRefundable as refusal:
        raise _in_words(order, refusal) from None
    return show_plan(order, planned)


def refund(request: HttpRequest, order: Order, filled: dict[str, Any]) -> Made:
    try:
        refunds = services.request_refund(
            number=order.number,
            wish=filled["wish"],
            plan_hash=filled[PLAN_HASH],
            user_id=person_of(request).pk,
            at=clock.now(),
        )
    except ExceedsRefundable as refusal:
        raise _in_words(order, refusal) from None
    return _made(order, refunds)


def _made(order: Order, refunds: list[Refund]) -> Made:
    amount = show_money(sum((one.amount for one in refunds), ZERO), order.currency)
    numbers = [one.number for one in refunds]
    if refunds[0].state == RefundState.REQUESTED:
        return Made(text=f"{', '.join(numbers)}: {amount} waits for a second person.")
    return Made(
        text=f"{', '.join(numbers)}: {amount} is promised back.",
        then=partial(ask_providers, numbers),
    )


def _in_words(order: Order, refusal: ExceedsRefundable) -> ExceedsRefundable:
    """Return the refusal with all that it names in its sentence."""
    told = refusal.members
    most = f"{order.currency} {told['left']} is left, {told['shipping_left']} of it for shipping."
    parts = [
        "That is more than can be refunded.",
        most,
        *(f"{line['sku']}: {line['refundable']} possible. {line['why']}" for line in told["lines"]),
    ]
    return ExceedsRefundable(" ".join(parts), members=told)


def has_refundable_money(order: Order) -> bool:
    """Tell whether any money of the order may still go back."""
    return any(payment.captured > payment.refund_committed for payment in payments_of(order))


def say_what_refunding_does(order: Order) -> str:
    left = show_money(order.captured_total - money_promised_back(order), order.currency)
    return f"{left} may go back at most. Nothing happens before you have seen the plan."


REFUND = Action(
    name="refund",
    label="Refund",
    right=RIGHT_TO_REQUEST,
    form=RefundForm,
    form_for=refund_form,
    plan=plan,
    run=refund,
    is_open=has_refundable_money,
    preview=say_what_refunding_does,
    template="mdv/backoffice/refund.html",
)
