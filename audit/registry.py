"""Which tables the trail follows, and what of them it must not keep.

A row trigger on each of them writes every insert, update and delete, whatever path it took: the
ORM, ``QuerySet.update``, raw SQL, another program. TRUNCATE, which fires no row trigger, is
refused. A model is in TRACKED or, with a reason, in UNTRACKED: a test refuses anything else.
"""

import json
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db.models import Model

from mdv.kernel.triggers import SharedFunctionTrigger, TruncateGuard


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """How one table is followed.

    `label` is the column that names the row to people. `masked` columns show that they changed,
    never the value. `excluded` columns are left out, and a change of nothing else is no entry.
    `order` is the column that holds the order's id, where there is one. `key` identifies the row
    where the primary key itself is not to be kept.
    """

    label: str
    masked: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    order: str = ""
    key: str = ""


TRACKED: dict[str, Tracked] = {
    "accounts.User": Tracked(label="email", masked=("password",), excluded=("last_login",)),
    "accounts.RoleGrant": Tracked(label="id"),
    "accounts.ApiToken": Tracked(
        label="name",
        key="public_id",
        masked=("digest", "token_key"),
        excluded=("last_used_at", "last_address", "last_device"),
    ),
    "accounts.Address": Tracked(label="label"),
    "catalog.Category": Tracked(label="name"),
    "catalog.Product": Tracked(
        label="title", excluded=("search", "updated_at", "price_from", "compare_at_from", "on_sale")
    ),
    "catalog.Variant": Tracked(label="sku", excluded=("in_stock", "updated_at")),
    "catalog.ProductImage": Tracked(label="alt"),
    "events.WebhookTarget": Tracked(
        label="name", masked=("salt", "previous_salt"), excluded=("failing_since",)
    ),
    "store.StoreSettings": Tracked(label="legal_name"),
    "pricing.Coupon": Tracked(label="code"),
    "pricing.ShippingZone": Tracked(label="name"),
    "pricing.TaxRate": Tracked(label="country"),
    "orders.Order": Tracked(label="number", masked=("access_salt",), order="id"),
    "orders.OrderLine": Tracked(label="sku", order="order_id"),
    "orders.Invoice": Tracked(
        label="number",
        order="order_id",
        # It is never changed, and who buys is in the order's own entries.
        excluded=("buyer_name", "buyer_email", "buyer_phone", "buyer_address"),
    ),
    "orders.OrderNote": Tracked(label="text", order="order_id"),
    "orders.MissingAcceptance": Tracked(label="amount", order="order_id"),
    "payments.Payment": Tracked(
        label="reference", order="order_id", excluded=("next_look_at", "looks")
    ),
    "payments.GatewayEvent": Tracked(label="reference", excluded=("body",)),
    "stock.StockTake": Tracked(label="name"),
    "fulfilment.Shipment": Tracked(label="number", order="order_id"),
    "fulfilment.ShipmentLine": Tracked(label="order_line_id"),
    "refunds.Return": Tracked(label="number", order="order_id"),
    "refunds.ReturnLine": Tracked(label="order_line_id"),
    "refunds.Refund": Tracked(
        label="number", order="order_id", excluded=("next_look_at", "plan_hash")
    ),
    "refunds.RefundLine": Tracked(label="order_line_id"),
    "refunds.WriteOff": Tracked(label="amount", order="order_id"),
    "refunds.RefundPolicy": Tracked(label="role"),
    "refunds.CreditNote": Tracked(
        label="number",
        # As of orders.Invoice.
        excluded=("buyer_name", "buyer_email", "buyer_phone", "buyer_address"),
    ),
    "stock.StockItem": Tracked(label="variant_id", excluded=("on_hand", "reserved", "last_seq")),
}

UNTRACKED: dict[str, str] = {
    "audit.AuditEntry": "the trail itself",
    "audit.AuditSeal": "what proves the trail; append-only",
    "auditlog.LogEntry": "replaced by audit.AuditEntry; stays empty",
    "auth.Group": "the six roles, made by a migration; who holds one is accounts.RoleGrant",
    "auth.Permission": "not used: rights are a table in code",
    "auth.Group_permissions": "not used, see auth.Permission",
    "admin.LogEntry": "the admin's list of latest actions; what they changed is in the trail",
    "contenttypes.ContentType": "made by Django",
    "sessions.Session": "made by Django; logins are recorded",
    "accounts.KnownAddress": "noted with each log-in, which is recorded",
    "limits.Hit": "counts, thrown away when their window has ended",
    "carts.Cart": "a shopper's basket: nothing is promised yet, and most are thrown away",
    "carts.CartLine": "see carts.Cart",
    "pricing.CouponRedemption": "one line per order that used the coupon; the order says so",
    "idempotency.IdempotencyKey": "fixed by triggers for the 7 days that it is kept; carries "
    "actor and request id itself",
    "sequence.Sequence": "a count that the database keeps; the papers have its numbers",
    "fulfilment.ShipmentEvent": "append-only with its own actor and request id",
    "refunds.ReturnReceipt": "append-only with its own actor and request id",
    "refunds.RefundAllowance": "a count of refunds that are in the trail themselves",
    "stock.StockMovement": "append-only with its own actor and request id",
    "stock.Count": "what was sent is fixed by a trigger; what it changed is in the ledger",
    "stock.LowStockNotice": "who was told is in the log of mails",
    "events.Event": "append-only with its own actor and request id",
    "events.WebhookDelivery": "how far a delivery is; its attempts are the log",
    "events.WebhookAttempt": "append-only; made by a worker",
    "mail.Mail": "what was written to whom is fixed by a trigger, its state moves on; carries "
    "actor and request id itself",
    "knox.AuthToken": "replaced by accounts.ApiToken",
    "ops.BooksCheck": "a report that reconcile writes; it changes nothing",
    "ops.Compensation": "append-only with its own actor and request id",
    "procrastinate.ProcrastinateJob": "the queue; what a job changes is in the trail",
    "procrastinate.ProcrastinateEvent": "see procrastinate.ProcrastinateJob",
    "procrastinate.ProcrastinatePeriodicDefer": "see procrastinate.ProcrastinateJob",
    "procrastinate.ProcrastinateWorker": "see procrastinate.ProcrastinateJob",
}


def register_triggers() -> None:
    """Put the audit's triggers on every tracked model; ``makemigrations`` picks them up."""
    for label, tracked in TRACKED.items():
        model = apps.get_model(label)
        pgtrigger.register(trigger_for(model, tracked), TruncateGuard())(model)


def key_of(instance: Model) -> Any:
    """Return what the trail identifies `instance` by."""
    model = instance._meta.concrete_model or type(instance)
    tracked = TRACKED.get(model._meta.label)
    return getattr(instance, tracked.key) if tracked and tracked.key else instance.pk


def tracked_as(model: type[Model]) -> Tracked:
    """Return how `model`'s table is followed."""
    return TRACKED[model._meta.label]


def trigger_for(model: type[Model], tracked: Tracked) -> SharedFunctionTrigger:
    """Return the trigger that writes `model`'s changes to the trail."""
    pk = model._meta.pk
    facts = {
        "app": model._meta.app_label,
        "model": model._meta.model_name,
        "pk": tracked.key or (pk.column if pk else ""),
        "label": tracked.label,
        "masked": list(tracked.masked),
        "excluded": list(tracked.excluded),
        "order": tracked.order,
    }
    return SharedFunctionTrigger(
        name="writes_the_trail",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        execute=f"audit_capture('{json.dumps(facts)}')",
    )
