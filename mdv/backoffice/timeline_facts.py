"""Where an order's story comes from: the trail, parcels, mails, providers, corrected books.

Each fact is told once. Parcels tell of themselves, with what was remarked, so their rows in the
trail are left out, and so are the counts that a parcel moved. What a provider told tells of the
money that it brought, so the payment's own change is left out then. What put the books right tells
of the counts that it restated.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from audit.models import AuditEntry
from mdv.admin.show import show_choice, show_money
from mdv.backoffice.order_parts import parcels_of
from mdv.backoffice.trail_words import CANCELLED, MONEY_CAME, RETURNED, changed, told
from mdv.mail.models import Mail
from mdv.mail.states import MailState
from mdv.ops.models import Compensation
from refunds.models import Refund, Return, ReturnReceipt
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.fulfilment.states import EventKind
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderStatus
from shop.payments.models import GatewayEvent
from shop.payments.states import EventOutcome, Provider

IN_ONE_GO = timedelta(seconds=5)
# Outcomes with which the money was booked, or nothing was left to be said by the payment.
SAID_BY_PROVIDER = frozenset(
    {EventOutcome.APPLIED, EventOutcome.SHORT, EventOutcome.EXCESS, EventOutcome.LATE}
)
PARCEL_WORDS = {
    EventKind.PACKING: "is being packed",
    EventKind.LINES_CHANGED: "was packed anew",
    EventKind.READY: "is ready",
    EventKind.DISPATCHED: "has left",
    EventKind.TRACKING_CHANGED: "is followed otherwise",
    EventKind.IN_TRANSIT: "is in transit",
    EventKind.DELIVERED: "was delivered",
    EventKind.RETURNED_TO_SENDER: "came back",
    EventKind.CANCELLED: "was given up",
}
MAIL_WORDS = {
    MailState.QUEUED: "is on its way",
    MailState.SENT: "sent",
    MailState.FAILED: "could not be sent",
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that was written down. Of what happened at one moment `place` says the order."""

    at: datetime
    place: tuple[int, int]
    who: str
    request_id: str
    what: list[str]


def facts_of(order: Order, *, limit: int, with_gateway: bool) -> list[Fact]:
    """Return what happened, the newest first: the first `limit` facts at least, if there are.

    `with_gateway` says whether what providers told may be shown.
    """
    reports = _reports(order, limit) if with_gateway else []
    parcels = _parcel_events(order, limit)
    entries = _entries(order, limit)
    corrections = _corrections(entries)
    found = [
        *_trail(entries, reports, parcels, corrections),
        *(_of_parcel(event) for event in parcels),
        *_mails(order, limit),
        *(fact for event in reports for fact in _of_report(event)),
        *(_of_correction(made) for made in corrections),
    ]
    return sorted(found, key=lambda fact: (fact.at, fact.place), reverse=True)


def _entries(order: Order, limit: int) -> list[AuditEntry]:
    types = ContentType.objects.get_for_models(OrderLine, Shipment)
    # Each line is written down when it is placed; the order's own entry says so already.
    placed = Q(action=AuditEntry.Action.CREATE, content_type=types[OrderLine])
    found = AuditEntry.objects.filter(~placed, order_id=order.pk)
    found = found.exclude(content_type=types[Shipment]).select_related("content_type")
    return list(found.order_by("-timestamp", "-id")[:limit])


def _trail(
    entries: Iterable[AuditEntry],
    reports: Iterable[GatewayEvent],
    parcels: Iterable[ShipmentEvent],
    corrections: Iterable[Compensation],
) -> list[Fact]:
    paid = {str(event.payment_id) for event in reports if event.outcome in SAID_BY_PROVIDER}
    ended = {entry.transaction_id for entry in entries if _cancels(entry)}
    corrected = {made.number for made in corrections}
    back = [p.happened_at for p in parcels if p.kind == EventKind.RETURNED_TO_SENDER]
    return [
        Fact(
            at=entry.timestamp,
            place=(0, entry.pk),
            who=entry.actor_email or entry.actor_kind,
            request_id=entry.cid or f"transaction {entry.transaction_id}",
            what=told(entry, without=_said_elsewhere(entry, paid, ended, back, corrected)),
        )
        for entry in entries
    ]


def _cancels(entry: AuditEntry) -> bool:
    return changed(entry, "order", "status") == OrderStatus.CANCELLED


def _said_elsewhere(
    entry: AuditEntry,
    paid: Collection[str],
    ended: Collection[int],
    back: Iterable[datetime],
    corrected: Collection[str],
) -> frozenset[str]:
    """Return the columns whose change another fact tells."""
    said: frozenset[str] = frozenset()
    kind = entry.content_type.model if entry.content_type else ""
    if kind == "payment" and entry.object_pk in paid:
        said |= MONEY_CAME
    if kind == "orderline" and entry.transaction_id in ended:
        said |= {CANCELLED}
    came = any(abs(entry.timestamp - at) <= IN_ONE_GO for at in back)
    if kind == "orderline" and (came or _start_of_reason(entry) in corrected):
        said |= {RETURNED}
    return said


def _parcel_events(order: Order, limit: int) -> list[ShipmentEvent]:
    found = ShipmentEvent.objects.filter(shipment__order=order).select_related("shipment")
    return list(found.order_by("-happened_at", "-id")[:limit])


def _of_parcel(event: ShipmentEvent) -> Fact:
    text = f"Parcel {event.shipment.number} {PARCEL_WORDS[EventKind(event.kind)]}"
    return Fact(
        at=event.happened_at,
        place=(1, event.pk),
        who=event.actor_label,
        request_id=event.request_id,
        what=[f"{text}: {event.note}" if event.note else text],
    )


def _mails(order: Order, limit: int) -> list[Fact]:
    parcels = [str(parcel.pk) for parcel in parcels_of(order)]
    returns = _keys(order.returns.all())
    receipts = _keys(ReturnReceipt.objects.filter(line__of_return__order=order))
    found = Mail.objects.filter(
        Q(about=Order._meta.label, about_id=str(order.pk))
        | Q(about=Shipment._meta.label, about_id__in=parcels)
        | Q(about=Return._meta.label, about_id__in=returns)
        | Q(about=Refund._meta.label, about_id__in=_keys(order.refunds.all()))
        | Q(about=ReturnReceipt._meta.label, about_id__in=receipts)
    )
    return [
        Fact(
            at=mail.created_at,
            place=(2, mail.pk),
            who="",
            request_id=mail.request_id,
            what=[f"Mail “{show_choice(mail.kind)}” {MAIL_WORDS[MailState(mail.state)]}"],
        )
        for mail in found.order_by("-created_at", "-id")[:limit]
    ]


def _keys(found: QuerySet[Any]) -> QuerySet[Any, str]:
    """Return what mails name these objects by."""
    return found.annotate(key=Cast("pk", CharField())).values("key")


def _reports(order: Order, limit: int) -> list[GatewayEvent]:
    found = GatewayEvent.objects.filter(payment__order=order).select_related("resolved_by")
    return list(found.defer("body").order_by("-received_at", "-id")[:limit])


def _of_report(event: GatewayEvent) -> Iterable[Fact]:
    outcome = EventOutcome(event.outcome)
    money = show_money(event.amount, event.currency) if event.amount is not None else "A payment"
    verdict = "" if outcome == EventOutcome.APPLIED else f": {outcome.label}"
    yield Fact(
        at=event.received_at,
        place=(3, event.pk),
        who=Provider(event.provider).label,
        request_id="",
        what=[f"{money} {show_choice(event.result or event.kind).lower()}{verdict}"],
    )
    if event.resolved_at is not None:
        yield Fact(
            at=event.resolved_at,
            place=(4, event.pk),
            who=str(event.resolved_by or ""),
            request_id="",
            what=[f"Settled: {event.resolution}"],
        )


def _corrections(entries: Iterable[AuditEntry]) -> list[Compensation]:
    """Return what put the books right; its number begins the reason of all that it changed."""
    starts = {_start_of_reason(entry) for entry in entries}
    numbers = {start for start in starts if start.startswith(Compensation.NUMBER_PREFIX)}
    return list(Compensation.objects.filter(number__in=numbers))


def _start_of_reason(entry: AuditEntry) -> str:
    return entry.reason.partition(":")[0]


def _of_correction(made: Compensation) -> Fact:
    return Fact(
        at=made.made_at,
        place=(5, made.pk),
        who=made.actor_label,
        request_id=made.request_id,
        what=[f"Put right by {made.number}: {made.figures}. {made.reason}"],
    )
