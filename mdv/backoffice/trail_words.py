"""What an entry of the trail means on the page of the order that it is about."""

from collections.abc import Collection
from decimal import Decimal

from audit.models import AuditEntry
from audit.words import changes_of
from mdv.admin.show import show_choice, show_money
from refunds.states import RefundState
from shop.payments.states import PaymentState

# What the order's own page, its parcels or another entry says better.
UNTOLD = frozenset(
    {
        "confirmed at",
        "cancelled at",
        "fulfilled at",
        "expires at",
        "captured total",
        "refunded total",
        "captured at",
        "channel",
        "provider id",
        "redirect url",
        "decided at",
        "decided by",
        "ended at",
        "qty shipped",
        "qty delivered",
        "refund committed",
        "refunded",
        "approved at",
        "approved by",
        "approval required",
        "asked at",
        "attempt",
        "bank reference",
        "settled at",
    }
)
# Said before a change of what the order's page is not about itself.
PREFIXES = {"orderline": "{name} ", "return": "Return {name} ", "refund": "Refund {name} "}
# What it means that one was written down.
WRITTEN = {
    "order": "Order placed",
    "ordernote": "Note: {name}",
    "invoice": "Invoice {name} issued",
    "return": "Return {name} asked for",
}
CANCELLED = "qty cancelled"
RETURNED = "qty returned"
MONEY_CAME = frozenset({"state", "captured"})


def told(entry: AuditEntry, *, without: Collection[str] = ()) -> list[str]:
    """Return what `entry` says, a sentence for each column, but for the columns named."""
    kind = _kind(entry)
    if entry.action == AuditEntry.Action.UPDATE:
        prefix = PREFIXES.get(kind, "").format(name=entry.object_repr)
        return [
            _as_sentence(f"{prefix}{change}".replace("qty ", ""))
            for change in changes_of(entry)
            if change.name not in UNTOLD and change.name not in without
        ]
    if kind in WRITTEN:
        return [WRITTEN[kind].format(name=entry.object_repr)]
    if kind == "payment":
        return [_payment(entry)]
    if kind == "refund":
        return [_refund(entry)]
    if kind == "missingacceptance":
        return [_acceptance(entry)]
    return [_as_sentence(f"{kind} {entry.object_repr} {entry.event}")]


def changed(entry: AuditEntry, kind: str, column: str) -> str | None:
    """Return what `column` became by `entry`, if it changed an object of that kind."""
    if _kind(entry) != kind or entry.action != AuditEntry.Action.UPDATE:
        return None
    pair: list[str | None] = (entry.changes or {}).get(column, [None, None])
    return pair[1]


def _kind(entry: AuditEntry) -> str:
    return str(entry.content_type.model) if entry.content_type else ""


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _payment(entry: AuditEntry) -> str:
    after = {name: pair[1] for name, pair in (entry.changes or {}).items()}
    amount = show_money(Decimal(after.get("amount", 0)), after.get("currency", ""))
    if after.get("state") == PaymentState.INITIATED:
        return f"Payment of {amount} begun at {show_choice(after['provider'])}"
    how = show_choice(after.get("channel", "")).lower()
    return f"Payment of {amount} booked ({how}, {entry.object_repr})"


def _refund(entry: AuditEntry) -> str:
    after = {name: pair[1] for name, pair in (entry.changes or {}).items()}
    amount = show_money(Decimal(after.get("amount", 0)), after.get("currency", ""))
    waits = " and waits for a second person" * (after.get("state") == RefundState.REQUESTED)
    return f"Refund {entry.object_repr} of {amount} asked for{waits}"


def _acceptance(entry: AuditEntry) -> str:
    after = {name: pair[1] for name, pair in (entry.changes or {}).items()}
    amount = f"{Decimal(after.get('amount', 0)):,.2f}"
    return f"{amount} accepted as missing, because: {after.get('reason', '')}"
