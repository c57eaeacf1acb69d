"""Applying what a provider told: under the order's lock, and only as far as it fits."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.money import ZERO
from shop.orders.models import Order
from shop.orders.services import add_captured, lock_order
from shop.orders.states import OrderStatus
from shop.payments.gateways.base import Outcome
from shop.payments.models import MAX_ERROR_LENGTH, GatewayEvent, Payment
from shop.payments.services.fit import why_not_ours
from shop.payments.services.refund_events import judge_refund
from shop.payments.states import PAYMENT, EventOutcome, PaymentState

ENDED = {
    Outcome.FAILED.value: PaymentState.FAILED,
    Outcome.ABANDONED.value: PaymentState.ABANDONED,
}


@transaction.atomic
def apply_event(*, event_id: int, at: datetime, skip_locked: bool = False) -> GatewayEvent:
    """Apply a stored event once, and note what became of it.

    One that somebody else is applying is waited for, or with `skip_locked` left to them.

    What arrived is booked as it arrived, be it less, more or late, as long as it is our payment,
    in its currency, in our mode and for our account. Everything else is left for staff. Money that
    goes back is judged by whoever takes refunds.

    Raises:
        GatewayNotOffered: the provider's keys are gone, so nobody can say whether it is for us.
    """
    events = GatewayEvent.objects.defer("body").filter(pk=event_id)
    for event in events.select_for_update(skip_locked=skip_locked):
        return _apply(event, at)
    return events.get()


def _apply(event: GatewayEvent, at: datetime) -> GatewayEvent:
    if event.outcome != EventOutcome.RECEIVED:
        return event
    if event.is_about_a_refund:
        outcome, why = judge_refund(event, at)
        return _close(event, outcome, at, why)
    paid = Payment.objects.filter(provider=event.provider, reference=event.reference)
    number = paid.values_list("order__number", flat=True).first()
    if number is None:
        return _note_orphan(event, at)
    order = lock_order(number)
    payment = paid.select_for_update().get()
    event.payment = payment
    if event.result == Outcome.SUCCEEDED:
        return _take_money(event, payment, order, at)
    if event.result in ENDED:
        return _end(event, payment, at)
    return _close(event, EventOutcome.IGNORED, at, "The money is still on its way.")


def _note_orphan(event: GatewayEvent, at: datetime) -> GatewayEvent:
    if event.result != Outcome.SUCCEEDED:
        return _close(event, EventOutcome.IGNORED, at, "No payment of ours, and no money.")
    return _close(event, EventOutcome.ORPHAN, at, "We have no payment with this reference.")


def _take_money(event: GatewayEvent, payment: Payment, order: Order, at: datetime) -> GatewayEvent:
    problem = _what_does_not_fit(event, payment)
    if problem:
        return _close(event, EventOutcome.MISMATCH, at, problem)
    if payment.state == PaymentState.CAPTURED:
        return _close(event, EventOutcome.IGNORED, at, "It is booked already.")
    return _capture(event, payment, order, at)


def _what_does_not_fit(event: GatewayEvent, payment: Payment) -> str:
    """Say why the event cannot be about this payment; empty if it can."""
    problem = why_not_ours(event)
    if problem:
        return problem
    if event.currency != payment.currency:
        return f"{event.currency} {event.amount} came instead of {payment.currency}."
    if event.amount is None or event.amount <= ZERO:
        return "It names no amount."
    if payment.state == PaymentState.CAPTURED and payment.provider_id != event.provider_id:
        return f"The payment is booked as {payment.provider_id}; this is {event.provider_id}."
    return ""


def _end(event: GatewayEvent, payment: Payment, at: datetime) -> GatewayEvent:
    problem = why_not_ours(event)
    if problem:
        return _close(event, EventOutcome.MISMATCH, at, problem)
    if payment.state != PaymentState.INITIATED:
        return _close(event, EventOutcome.IGNORED, at, f"The payment is {payment.state} already.")
    new = ENDED[event.result]
    PAYMENT.check(PaymentState(payment.state), new)
    payment.state = new
    payment.next_look_at = None
    payment.save(update_fields=["state", "next_look_at"])
    return _close(event, EventOutcome.APPLIED, at)


def _capture(event: GatewayEvent, payment: Payment, order: Order, at: datetime) -> GatewayEvent:
    PAYMENT.check(PaymentState(payment.state), PaymentState.CAPTURED)
    amount = event.amount or ZERO
    payment.state = PaymentState.CAPTURED
    payment.captured = amount
    payment.provider_id = event.provider_id
    payment.channel = event.channel
    payment.captured_at = at
    payment.next_look_at = None
    payment.save()
    had_some = order.captured_total > ZERO
    order = add_captured(order, amount=amount, at=at)
    if had_some:  # else nothing was short: whoever else wants an invoice's number waits by now
        settle_short(order, at)
    if order.status == OrderStatus.CANCELLED:
        why = f"{order.number} was cancelled before the money came."
        return _close(event, EventOutcome.LATE, at, why)
    over = order.net_captured - order.total
    if over > ZERO:
        return _close(event, EventOutcome.EXCESS, at, f"{order.number} is overpaid by {over}.")
    if order.due and amount < payment.amount:
        return _close(event, EventOutcome.SHORT, at, f"{order.due} of {order.number} is missing.")
    return _close(event, EventOutcome.APPLIED, at)


def settle_short(order: Order, at: datetime) -> None:
    """Close what was short of an order that is paid in full by now."""
    if order.due:
        return
    # Not by a join, which Django updates through a subquery: that would not see what somebody
    # settles at this moment, and overwrite it.
    short = GatewayEvent.objects.open_exceptions().filter(
        outcome=EventOutcome.SHORT, payment__in=Payment.objects.filter(order=order)
    )
    short.update(resolved_at=at, resolution="The rest was paid.")


def _close(
    event: GatewayEvent, outcome: EventOutcome, at: datetime, error: str = ""
) -> GatewayEvent:
    event.outcome = outcome
    event.error = error[:MAX_ERROR_LENGTH]
    event.processed_at = at
    event.save(update_fields=["payment", "outcome", "error", "processed_at"])
    return event
