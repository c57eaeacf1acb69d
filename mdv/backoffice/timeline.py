"""What happened to an order, in plain words, from the trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from audit.models import AuditEntry
from audit.words import changes_of
from mdv.admin.show import show_choice, show_money
from shop.orders.models import Order, OrderLine
from shop.payments.states import PaymentState

LENGTH = 200  # entries of the trail
SHOWN_AT_ONCE = 8  # things that happened in one go

# What the order's own page or a payment's entry says better.
UNTOLD = frozenset(
    {
        "confirmed at",
        "cancelled at",
        "expires at",
        "captured total",
        "refunded total",
        "captured at",
        "channel",
        "provider id",
        "redirect url",
    }
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one person did in one go."""

    at: datetime
    who: str
    what: list[str]


def timeline_of(order: Order) -> list[Step]:
    """Return what happened to `order`, its lines, payments and notes, newest first."""
    # Each line is written down when it is placed; the order's own entry says so already.
    placed_lines = Q(
        action=AuditEntry.Action.CREATE,
        content_type=ContentType.objects.get_for_model(OrderLine),
    )
    entries = (
        AuditEntry.objects.filter(~placed_lines, order_id=order.pk)
        .select_related("content_type")
        .order_by("-id")[:LENGTH]
    )
    steps = [_step(list(group)) for _, group in groupby(entries, _in_one_go)]
    return [step for step in steps if step.what]


def _in_one_go(entry: AuditEntry) -> tuple[int, str, str | None]:
    return entry.transaction_id, entry.cid, entry.actor_email


def _step(entries: list[AuditEntry]) -> Step:
    told = [text for entry in reversed(entries) for text in _told(entry)]
    if len(told) > SHOWN_AT_ONCE:
        told[SHOWN_AT_ONCE:] = [f"and {len(told) - SHOWN_AT_ONCE} more"]
    first = entries[-1]
    return Step(at=first.timestamp, who=first.actor_email or first.actor_kind, what=told)


def _told(entry: AuditEntry) -> Iterable[str]:
    kind = entry.content_type.model if entry.content_type else ""
    if entry.action == AuditEntry.Action.UPDATE:
        prefix = f"{entry.object_repr} " if kind == "orderline" else ""
        changes = (change for change in changes_of(entry) if change.name not in UNTOLD)
        return [_as_sentence(f"{prefix}{change}".replace("qty ", "")) for change in changes]
    if kind == "order":
        return ["Order placed"]
    if kind == "ordernote":
        return [f"Note: {entry.object_repr}"]
    if kind == "invoice":
        return [f"Invoice {entry.object_repr} issued"]
    if kind == "payment":
        return [_payment(entry)]
    return [_as_sentence(f"{kind} {entry.object_repr} {entry.event}")]


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _payment(entry: AuditEntry) -> str:
    after = {name: pair[1] for name, pair in (entry.changes or {}).items()}
    amount = show_money(Decimal(after.get("amount", 0)), after.get("currency", ""))
    if after.get("state") == PaymentState.INITIATED:
        return f"Payment of {amount} begun at {show_choice(after['provider'])}"
    how = show_choice(after.get("channel", "")).lower()
    return f"Payment of {amount} booked ({how}, {entry.object_repr})"
