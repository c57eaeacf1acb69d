"""The inbox: what providers tell is stored once, then applied."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from mdv.kernel import context
from mdv.kernel.context import Actor
from mdv.kernel.errors import DomainError
from shop.payments.gateways.base import (
    Charge,
    Gateway,
    Notice,
    Outcome,
    RefundFact,
    UnreadableNotice,
)
from shop.payments.models import MAX_KIND_LENGTH, GatewayEvent
from shop.payments.services.apply_event import apply_event
from shop.payments.states import EventOutcome, Source, Subject

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
            subject="",
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
        stored = _stored(event)
        # Which refund it is has to be asked first, and a provider that waits is no time for that.
        if stored.names_no_refund:
            return stored
        return apply_stored(stored, at, skip_locked=True)


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
    return apply_stored(_stored(event), at)


def take_refund_look_up(*, gateway: Gateway, refund: RefundFact, at: datetime) -> GatewayEvent:
    """Store what a provider answered about a refund, and apply it.

    What was told by a notice already is the same fact, and counts once.
    """
    kind = f"look-up {refund.outcome}"
    notice = Notice(key=refund.name, kind=kind, charge=None, refund=refund)
    event = _event_of(gateway, notice, b"", at)
    event.source = Source.LOOK_UP
    return apply_stored(_stored(event), at)


def apply_stored(event: GatewayEvent, at: datetime, *, skip_locked: bool = False) -> GatewayEvent:
    """Apply what is stored, unless it was; what cannot be applied now waits.

    Money that came may have gone back before: what was told of that is judged again. It names its
    refund: news that does not has only our reference, which was ours before anybody paid.
    """
    if not event.may_be_applied:
        return event
    try:
        applied = apply_event(event_id=event.pk, at=at, skip_locked=skip_locked)
    except (DomainError, DatabaseError, ValidationError) as problem:  # a sum may be too large
        log.warning("event_waits", event_id=event.pk, problem=type(problem).__name__)
        return event
    if not applied.is_about_a_refund and applied.payment is not None:
        for gone in GatewayEvent.objects.orphaned_refunds().of_payment(applied.payment):
            apply_stored(gone, at)
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
    if notice.charge is not None:
        _note_charge(event, notice.charge)
    elif notice.refund is not None:
        _note_refund(event, notice.refund)
    else:
        event.subject = ""
        event.outcome = EventOutcome.MISMATCH if notice.concern else EventOutcome.IGNORED
        event.error = notice.concern
        event.processed_at = at
    return event


def _note_charge(event: GatewayEvent, charge: Charge) -> None:
    event.subject = Subject.CHARGE
    event.reference = charge.reference
    event.provider_id = charge.provider_id
    event.result = charge.outcome
    event.amount = charge.amount
    event.currency = charge.currency
    event.channel = charge.channel or ""
    event.is_live = charge.is_live
    event.merchant = charge.merchant


def _note_refund(event: GatewayEvent, refund: RefundFact) -> None:
    event.subject = Subject.CHARGEBACK if refund.is_chargeback else Subject.REFUND
    event.reference = refund.reference
    event.provider_id = refund.payment_provider_id
    event.refund_reference = refund.key
    event.refund_number = refund.provider_id
    event.result = refund.outcome
    event.failure = refund.failure
    event.amount = refund.amount
    event.currency = refund.currency
    event.is_live = refund.is_live
    event.merchant = refund.merchant


def _stored(event: GatewayEvent) -> GatewayEvent:
    """Return the event about the same fact that is there, or insert this one.

    Most deliveries repeat what is stored: they cost one look.
    """
    same = GatewayEvent.objects.defer("body").filter(provider=event.provider, fact=event.fact)
    for found in same:
        return found
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        for found in same.all():
            return found
        raise
    return event
