"""The inbox: what providers tell is stored once, then applied."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from mdv.kernel import context
from mdv.kernel.context import Actor
from mdv.kernel.errors import DomainError
from shop.payments.gateways.base import Charge, Gateway, Notice, Outcome, UnreadableNotice
from shop.payments.models import MAX_KIND_LENGTH, GatewayEvent
from shop.payments.services.apply_event import apply_event
from shop.payments.states import EventOutcome, Source

APPLIED_AT_A_TIME = 200
UNREADABLE = "unreadable"

log = structlog.get_logger("mdv.payments")


def take_notice(
    *, gateway: Gateway, body: bytes, headers: Mapping[str, str], at: datetime
) -> GatewayEvent:
    """Store what a provider sent, if it signed it, and apply it.

    Stored is stored: what cannot be applied now is applied by a job, so the provider need not
    send it again. A signed notice that nobody can read is kept for staff.

    Raises:
        BadSignature: 403, nothing is stored.
    """
    try:
        notice = gateway.read_notice(body=body, headers=headers, at=at)
    except UnreadableNotice as problem:
        digest = hashlib.sha256(body).hexdigest()
        event = GatewayEvent(
            provider=gateway.provider,
            fact=f"{UNREADABLE}:{digest}",
            kind=UNREADABLE,
            source=Source.WEBHOOK,
            body=body,
            received_at=at,
            outcome=EventOutcome.MISMATCH,
            error=problem.message,
            processed_at=at,
        )
    else:
        event = _event_of(gateway, notice, body, at)
    # By now the signature has said who it is.
    with context.refined(actor=Actor(kind="gateway", label=gateway.provider.value)):
        return _applied(_stored(event), at)


def take_look_up(*, gateway: Gateway, charge: Charge, at: datetime) -> GatewayEvent | None:
    """Store what a provider answered about a payment, and apply it.

    That nobody has paid yet is nothing to store: they still may.
    """
    if charge.outcome in {Outcome.PENDING, Outcome.ABANDONED}:
        return None
    notice = Notice(
        key=f"look-up:{charge.reference}:{charge.provider_id}:{charge.outcome}",
        kind=f"look-up {charge.outcome}",
        charge=charge,
    )
    event = _event_of(gateway, notice, b"", at)
    event.source = Source.LOOK_UP
    return _applied(_stored(event), at)


def apply_waiting_events(*, at: datetime) -> int:
    """Apply what was stored and not applied, the oldest first; return how many were.

    One that cannot be applied yet keeps nobody else waiting, however many of them there are.
    """
    applied, seen = 0, 0
    waiting = GatewayEvent.objects.unapplied().order_by("id").defer("body")
    while events := list(waiting.filter(pk__gt=seen)[:APPLIED_AT_A_TIME]):
        applied += sum(_applied(one, at).outcome != EventOutcome.RECEIVED for one in events)
        seen = events[-1].pk
    return applied


def _event_of(gateway: Gateway, notice: Notice, body: bytes, at: datetime) -> GatewayEvent:
    event = GatewayEvent(
        provider=gateway.provider,
        fact=notice.key,
        kind=notice.kind[:MAX_KIND_LENGTH],
        source=Source.WEBHOOK,
        body=body,
        received_at=at,
    )
    charge = notice.charge
    if charge is None:
        event.outcome = EventOutcome.MISMATCH if notice.concern else EventOutcome.IGNORED
        event.error = notice.concern
        event.processed_at = at
        return event
    event.reference = charge.reference
    event.provider_id = charge.provider_id
    event.result = charge.outcome
    event.amount = charge.amount
    event.currency = charge.currency
    event.channel = charge.channel or ""
    event.is_live = charge.is_live
    event.merchant = charge.merchant
    return event


def _stored(event: GatewayEvent) -> GatewayEvent:
    """Insert the event, or return the one about the same fact that is there."""
    with transaction.atomic():
        GatewayEvent.objects.bulk_create([event], ignore_conflicts=True)
    found = GatewayEvent.objects.defer("body")
    return found.get(provider=event.provider, fact=event.fact)


def _applied(event: GatewayEvent, at: datetime) -> GatewayEvent:
    if event.outcome != EventOutcome.RECEIVED:
        return event
    try:
        return apply_event(event_id=event.pk, at=at)
    except (DomainError, DatabaseError) as problem:
        log.warning("event_waits", event_id=event.pk, problem=type(problem).__name__)
        return event
