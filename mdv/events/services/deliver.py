"""Delivering events to webhooks: at least once, roughly in order, again when it failed.

One delivery of a target is under way at a time, those that are due in the order of their events.
One that failed waits for its next try and does not hold up those behind it: receivers sort by
``seq``. A worker claims a delivery for a while before it speaks to anybody. If it dies, the claim
ends by itself and the delivery is made again, perhaps for the second time: receivers drop what
they have seen.
"""

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet

from mdv.events import gateways
from mdv.events.gateways import Answer
from mdv.events.models import Event, WebhookAttempt, WebhookDelivery, WebhookTarget
from mdv.events.services.keep_targets import lock_target, secrets_of
from mdv.events.services.switch_off import note_failure, note_success
from mdv.events.signing import signature
from mdv.events.states import DELIVERY, DeliveryState
from mdv.kernel import clock

# How long to wait after the first, second, … failure; a day and two hours in all.
WAITS = tuple(timedelta(minutes=m) for m in (0.5, 1, 2, 5, 15, 30, 60, 120, 240, 480, 600))
JITTER = 0.2  # a wait is up to so much shorter or longer, so that not all come back at once
# Longer than the longest call takes.
CLAIMED_FOR = timedelta(seconds=gateways.TOTAL_TIMEOUT_S * 2)
# A job begins no further delivery after so long; the next one goes on.
WORKS_FOR_S = 20
# Of a worker's four jobs side by side: slow servers never hold up the mails.
TARGETS_AT_ONCE = 2

log = structlog.get_logger("mdv.events")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One delivery that this worker alone is to make now."""

    target_id: int
    delivery_id: int
    attempt: int
    url: str
    body: bytes
    headers: dict[str, str]


def due_targets(*, at: datetime) -> list[int]:
    """List the webhooks for which something is due, who waits longest first.

    Only as many as may be spoken to at once, those that are being spoken to counted.
    """
    claimed = WebhookDelivery.objects.filter(claimed_until__gt=at)
    busy = set(claimed.values_list("target_id", flat=True))
    due = _due(at).filter(target__is_active=True).exclude(target_id__in=busy)
    waiting = due.values("target_id").annotate(since=Min("next_try_at")).order_by("since")
    free = max(0, TARGETS_AT_ONCE - len(busy))
    return [row["target_id"] for row in waiting[:free]]


def deliver_to(*, target_id: int) -> int:
    """Make the deliveries of one webhook that are due, and return how many reached it.

    Stops at the first that does not: a server in trouble is left alone until the next job. Not
    for use in a transaction.
    """
    delivered = 0
    ends = time.monotonic() + WORKS_FOR_S
    while time.monotonic() < ends:
        claim = _claim(target_id, clock.now())
        if claim is None:
            break
        answer = gateways.post(claim.url, body=claim.body, headers=claim.headers)
        _note(claim, answer, clock.now())
        if not answer.is_success:
            break
        delivered += 1
    return delivered


def body_of(event: Event) -> bytes:
    """Return what is sent of an event: the same bytes at every try."""
    told = {
        "seq": event.seq,
        "kind": event.kind,
        "about": event.about,
        "number": event.number,
        "created_at": event.created_at,
        "payload": event.payload,
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def _due(at: datetime) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lte=at),
        state=DeliveryState.QUEUED,
        next_try_at__lte=at,
        event__seq__isnull=False,
    )


@transaction.atomic
def _claim(target_id: int, at: datetime) -> Claim | None:
    """Claim the first delivery that is due, if nobody else is speaking to the target."""
    rows_of_targets = WebhookTarget.objects.select_for_update(no_key=True)
    target = rows_of_targets.filter(pk=target_id, is_active=True).first()
    if target is None or target.deliveries.filter(claimed_until__gt=at).exists():
        return None
    rows = _due(at).filter(target=target).select_related("event").order_by("event__seq")
    delivery = rows.select_for_update(of=("self",), no_key=True).first()
    if delivery is None:
        return None
    delivery.tries += 1
    delivery.claimed_until = at + CLAIMED_FOR
    delivery.save(update_fields=["tries", "claimed_until"])
    body = body_of(delivery.event)
    return Claim(
        target_id=target.pk,
        delivery_id=delivery.pk,
        attempt=delivery.tries,
        url=target.url,
        body=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": f"mdv/{settings.VERSION}",
            "Mdv-Event": str(delivery.event.seq),
            "Mdv-Attempt": str(delivery.tries),
            "Mdv-Signature": signature(body, secrets=secrets_of(target, at=at), at=at),
        },
    )


@transaction.atomic
def _note(claim: Claim, answer: Answer, at: datetime) -> None:
    target = lock_target(claim.target_id)
    rows = WebhookDelivery.objects.select_for_update(no_key=True)
    delivery = rows.get(pk=claim.delivery_id)
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=claim.attempt,
        at=at,
        status=answer.status,
        error=answer.error,
        took_ms=answer.took_ms,
    )
    if answer.is_success:
        _move(delivery, DeliveryState.DELIVERED)
        note_success(target)
        return
    # Not so if the claim had ended and another worker has taken over.
    if delivery.state == DeliveryState.QUEUED and delivery.tries == claim.attempt:
        _put_off(delivery, at)
    note_failure(target, at=at)


def _put_off(delivery: WebhookDelivery, at: datetime) -> None:
    # None of its own yet: somebody asked for it again while this try was under way.
    failures = max(1, delivery.tries - delivery.tries_before)
    if failures > len(WAITS):
        _move(delivery, DeliveryState.FAILED)
        log.warning("delivery_failed", delivery_id=delivery.pk, tries=delivery.tries)
        return
    jitter = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 (no secret)
    delivery.next_try_at = at + WAITS[failures - 1] * jitter
    delivery.claimed_until = None
    delivery.save(update_fields=["next_try_at", "claimed_until"])


def _move(delivery: WebhookDelivery, state: DeliveryState) -> None:
    DELIVERY.check(DeliveryState(delivery.state), state)
    delivery.state = state
    delivery.next_try_at = None
    delivery.claimed_until = None
    delivery.save(update_fields=["state", "next_try_at", "claimed_until"])
