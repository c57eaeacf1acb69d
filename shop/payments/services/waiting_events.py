"""Applying what was stored and could not be applied at once."""

from datetime import datetime

import structlog

from mdv.kernel.errors import DomainError
from shop.payments.gateways import gateway_of
from shop.payments.models import GatewayEvent
from shop.payments.services.look_up import verify_payment
from shop.payments.services.refund_events import payment_of
from shop.payments.services.take_events import apply_stored, take_refund_look_up
from shop.payments.states import PaymentState, Provider

APPLIED_AT_A_TIME = 200

log = structlog.get_logger("mdv.payments")


def apply_waiting_events(*, at: datetime) -> int:
    """Apply what was stored and not applied, the oldest first; return how many were.

    News of a payment's refunds that does not say of which has the provider asked first: not in a
    transaction. One that cannot be applied yet keeps nobody else waiting, however many there are.
    """
    applied, seen = 0, 0
    events_to_judge = GatewayEvent.objects.unapplied() | GatewayEvent.objects.orphaned_refunds()
    waiting = events_to_judge.order_by("id").defer("body")
    while events := list(waiting.filter(pk__gt=seen)[:APPLIED_AT_A_TIME]):
        applied += sum(not _apply(one, at).may_be_applied for one in events)
        seen = events[-1].pk
    return applied


def _apply(event: GatewayEvent, at: datetime) -> GatewayEvent:
    if not event.names_no_refund:
        return apply_stored(event, at)
    # Within its minute the same bytes may tell of another refund, and are the same fact.
    if event.received_at >= at.replace(second=0, microsecond=0):
        return event
    try:
        _ask(event, at)
    except DomainError as problem:
        log.warning("refunds_not_looked_up", event_id=event.pk, code=problem.code)
        return event
    return apply_stored(event, at)


def _ask(event: GatewayEvent, at: datetime) -> None:
    """Ask the provider about the refunds of a payment, and take what it answers."""
    payment = payment_of(event)
    if payment is None:
        return
    if payment.state != PaymentState.CAPTURED:
        payment = verify_payment(reference=payment.reference, at=at)
    if payment.state != PaymentState.CAPTURED:
        return
    gateway = gateway_of(Provider(payment.provider))
    refunds = gateway.refunds_of(
        reference=payment.reference, payment_provider_id=payment.provider_id
    )
    for refund in refunds:
        take_refund_look_up(gateway=gateway, refund=refund, at=at)
