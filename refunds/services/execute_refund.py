"""Having the provider give money back, and asking it what became of that. Not in a transaction.

A refund is claimed before its provider is asked, so that nobody else asks too. What the provider
does not answer clearly is `unknown`: the money stays promised, and only a look-up tells.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from mdv.kernel.errors import DomainError, NotFound
from refunds.models import Refund
from refunds.services.lock_refund import lock_refund
from refunds.services.look_times import FIRST_LOOK_AFTER, LOST_AFTER, next_look
from refunds.services.settle_refund import fail, settle_refund
from refunds.services.taken_back import was_taken_back
from refunds.states import REFUND, RefundMethod, RefundState
from shop.payments.gateways import gateway_of
from shop.payments.gateways.base import (
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    NotAsked,
    RefundWanted,
)
from shop.payments.states import Provider

AT_A_TIME = 50
# Whoever asked for a refund has its provider asked at once; after this long nobody will.
LEFT_BEHIND_AFTER = FIRST_LOOK_AFTER

log = structlog.get_logger("mdv.refunds")


def execute_refund(*, number: str, at: datetime) -> Refund:
    """Have the provider give back what was agreed to, and return the refund as it is then.

    What is not approved, is by hand, or was asked for already is returned as it is; so is one of a
    payment whose money has gone another way, until that exception is settled.

    Raises:
        NotFound: there is no such refund.
        GatewayNotOffered: the shop has no keys of its provider any more; it stays approved.
    """
    refund = _find(number)
    if refund.state != RefundState.APPROVED or refund.method != RefundMethod.GATEWAY:
        return refund
    gateway = gateway_of(Provider(refund.payment.provider))
    if not _claim(refund, at):
        return _find(number)
    return _ask(gateway, refund, at, if_not_asked=RefundState.APPROVED)


def look_up_refund(*, number: str, at: datetime) -> Refund:
    """Ask the provider what became of a refund, book it, and return the refund as it is then.

    One that the provider does not know of a good while after it was asked never got there: it is
    asked again under the same key. One that is not in limbo is returned as it is.

    Raises:
        NotFound: there is no such refund.
        GatewayNotOffered: the shop has no keys of its provider any more.
        GatewayUnavailable: 503, there is no answer.
        FactDoesNotFit: 409, the answer is about something else; see the log.
    """
    refund = _find(number)
    if not Refund.objects.in_limbo().filter(pk=refund.pk).exists():
        return refund
    gateway = gateway_of(Provider(refund.payment.provider))
    _note_look(refund, at)
    fact = gateway.look_up_refund(wanted_of(refund), provider_id=refund.provider_id)
    if fact is not None:
        return settle_refund(number=number, fact=fact, at=at)
    if refund.asked_at and refund.asked_at + LOST_AFTER <= at and _claim_again(refund, at):
        # What the earlier call came to nobody knows, even if this one came to nothing.
        return _ask(gateway, refund, at, if_not_asked=RefundState.UNKNOWN)
    return _find(number)


def execute_waiting_refunds(*, at: datetime) -> int:
    """Ask for what was agreed to and nobody asked for: a process died in between, say.

    One that cannot be asked for keeps nobody else waiting, nor do those of payments whose money
    has gone another way. Return how many were tried.
    """
    left = Refund.objects.not_asked().may_go().filter(approved_at__lte=at - LEFT_BEHIND_AFTER)
    numbers = list(left.order_by("approved_at", "id").values_list("number", flat=True)[:AT_A_TIME])
    for number in numbers:
        _try(execute_refund, number, at)
    return len(numbers)


def look_up_refunds(*, at: datetime) -> int:
    """Ask about what is in limbo and due for a look; return how many were asked about."""
    due = Refund.objects.due_for_a_look(at).order_by("next_look_at", "id")
    numbers = list(due.values_list("number", flat=True)[:AT_A_TIME])
    for number in numbers:
        _try(look_up_refund, number, at)
    return len(numbers)


def _try(step: Callable[..., Refund], number: str, at: datetime) -> None:
    try:
        step(number=number, at=at)
    except (DomainError, DatabaseError) as problem:
        log.warning("refund_waits", number=number, problem=str(problem))


def _ask(gateway: Gateway, refund: Refund, at: datetime, *, if_not_asked: RefundState) -> Refund:
    try:
        fact = gateway.refund(wanted_of(refund))
    except NotAsked:
        return _note_outcome(refund, if_not_asked)
    except GatewayUnavailable:
        return _note_outcome(refund, RefundState.UNKNOWN)
    except GatewayRefused as refusal:
        return _note_refusal(refund, refusal.reason)
    return settle_refund(number=refund.number, fact=fact, at=at)


def _find(number: str) -> Refund:
    found = Refund.objects.select_related("order", "payment").filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def wanted_of(refund: Refund) -> RefundWanted:
    """Return what a provider is asked for, and asked about, of a refund."""
    return RefundWanted(
        key=refund.key,
        reference=refund.payment.reference,
        payment_provider_id=refund.payment.provider_id,
        amount=refund.amount,
        currency=refund.currency,
    )


@transaction.atomic(durable=True)
def _claim(refund: Refund, at: datetime) -> bool:
    """Note that the provider is being asked; tell whether it may be, and nobody else does.

    Not while money of the payment is known to have gone another way: what was agreed to before
    would go a second time.
    """
    now = lock_refund(refund.number).refund
    is_as_seen = (now.state, now.key) == (RefundState.APPROVED, refund.key)
    if not is_as_seen or was_taken_back([now.payment_id]):
        return False
    REFUND.check(RefundState(now.state), RefundState.PROCESSING)
    now.state = RefundState.PROCESSING
    _note_asked(now, at)
    return True


@transaction.atomic(durable=True)
def _claim_again(refund: Refund, at: datetime) -> bool:
    """Note that the provider is asked again under the same key, unless somebody was faster.

    As for the first time not while money of the payment has gone another way.
    """
    now = lock_refund(refund.number).refund
    is_as_seen = (now.key, now.asked_at, now.provider_id) == (refund.key, refund.asked_at, "")
    if not is_as_seen or not Refund.objects.in_limbo().filter(pk=now.pk).exists():
        return False
    if was_taken_back([now.payment_id]):
        return False
    _note_asked(now, at)
    return True


def _note_asked(now: Refund, at: datetime) -> None:
    now.asked_at = at
    now.next_look_at = at + FIRST_LOOK_AFTER
    now.version += 1
    now.save()


@transaction.atomic(durable=True)
def _note_look(refund: Refund, at: datetime) -> None:
    """Say when to look next, whatever comes of this look."""
    now = Refund.objects.select_for_update().get(pk=refund.pk)
    if now.next_look_at is not None:
        now.next_look_at = next_look(now, at)
        now.save(update_fields=["next_look_at"])


@transaction.atomic(durable=True)
def _note_outcome(refund: Refund, state: RefundState) -> Refund:
    """Note that nobody knows what became of it, or that nothing did; unless somebody heard."""
    now = lock_refund(refund.number).refund
    if now.state == RefundState.PROCESSING and now.key == refund.key:
        REFUND.check(RefundState(now.state), state)
        now.state = state
        now.version += 1
        now.save()
    return now


@transaction.atomic(durable=True)
def _note_refusal(refund: Refund, reason: str) -> Refund:
    """Note that the provider will not, unless somebody heard otherwise meanwhile."""
    locked = lock_refund(refund.number)
    is_waiting = Refund.objects.in_limbo().filter(pk=refund.pk).exists()
    if is_waiting and locked.refund.key == refund.key:
        return fail(locked, reason)
    return locked.refund
