"""What providers tell of refunds and chargebacks, and who takes it.

Refunds are booked by an app that this one does not know; it says at start-up who takes them.
"""

from collections.abc import Callable
from datetime import datetime

from shop.orders.services import lock_order
from shop.payments.gateways.base import Outcome, RefundOutcome
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services.fit import why_not_ours
from shop.payments.states import EventOutcome, PaymentState, Subject

Judgement = tuple[EventOutcome, str]
RefundHandler = Callable[[GatewayEvent, datetime], Judgement]

_handlers: list[RefundHandler] = []


def take_refunds_with(handler: RefundHandler) -> None:
    """Have events about refunds and chargebacks judged by a function, from `AppConfig.ready`.

    It is called in the transaction that applies the event, with the event, its order and its
    payment locked (``event.payment``, ``event.payment.order``), once per fact. It books what
    follows from it and returns what it made of it, and why, for staff. The event is about a
    payment of ours, in its currency, in our mode and for our account.

    Raises:
        RuntimeError: another function takes them already.
    """
    if _handlers and _handlers != [handler]:
        raise RuntimeError(f"Refunds are taken by {_handlers[0]!r} already.")
    _handlers[:] = [handler]


def judge_refund(event: GatewayEvent, at: datetime) -> Judgement:
    """Have an event about money that goes back judged, in the transaction that applies it."""
    payment = payment_of(event)
    if payment is None:
        if event.result != RefundOutcome.SUCCEEDED:
            return EventOutcome.IGNORED, "No payment of ours, and no money."
        return EventOutcome.ORPHAN, "We have no payment that this money went back from."
    order = lock_order(payment.order.number)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    payment.order = order
    event.payment = payment
    problem = _what_does_not_fit(event, payment)
    if problem:
        return EventOutcome.MISMATCH, problem
    if payment.state != PaymentState.CAPTURED and event.result == RefundOutcome.SUCCEEDED:
        return EventOutcome.ORPHAN, "The money that went back has not come yet."
    if event.names_no_refund:
        return EventOutcome.IGNORED, "The provider was asked which refund it is about."
    return _handlers[0](event, at) if _handlers else _judge_alone(event)


def _judge_alone(event: GatewayEvent) -> Judgement:
    if event.result == RefundOutcome.SUCCEEDED:
        return EventOutcome.MISMATCH, "Money went back to the customer."
    return EventOutcome.IGNORED, "No money went back by it."


def payment_of(event: GatewayEvent) -> Payment | None:
    """Find the payment that an event says money went back from.

    One that staff booked has the provider's number for its reference. Where an event names only
    the reference, the event that told of the charge says under which number it was booked.
    """
    payments = Payment.objects.filter(provider=event.provider).select_related("order")
    found = payments.filter(reference=event.reference).first() if event.reference else None
    if found is not None:
        return found
    numbers = [event.provider_id] if event.provider_id else _numbers_of_charge(event)
    return payments.filter(provider_id__in=numbers).order_by("id").first()


def _numbers_of_charge(event: GatewayEvent) -> list[str]:
    if not event.reference:
        return []
    charges = GatewayEvent.objects.filter(
        provider=event.provider,
        reference=event.reference,
        subject=Subject.CHARGE,
        result=Outcome.SUCCEEDED,
    )
    return list(charges.exclude(provider_id="").values_list("provider_id", flat=True))


def _what_does_not_fit(event: GatewayEvent, payment: Payment) -> str:
    """Say why the event cannot be about a refund of this payment; empty if it can."""
    problem = why_not_ours(event)
    if problem:
        return problem
    if event.currency != payment.currency:
        return f"{event.currency} {event.amount} went back instead of {payment.currency}."
    if event.names_no_refund and payment.state != PaymentState.CAPTURED:
        return "It is about money that never came."
    return ""
