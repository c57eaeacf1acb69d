"""The shop that the machine works in: opened empty each time, and read as the database has it."""

from django.db import connection
from django.db.models import Max

from mdv.ops.reconcile import check_invariants
from refunds.models import Refund, RefundAllowance, RefundPolicy, ReturnLine
from shop.catalog.models import Variant
from shop.fulfilment.models import ShipmentLine
from shop.orders.models import MissingAcceptance, Order, OrderLine
from shop.payments.models import Payment
from shop.pricing.models import Coupon
from shop.stock.models import StockItem
from tests.machine.books import COUPONS, PRICES, SHIPPING
from tests.machine.money import LIMITS
from tests.orders.ordering import deliver_everywhere, make_coupon, sell

TRADE = ("catalog", "stock", "pricing", "orders", "payments", "fulfilment", "refunds", "sequence")
WORDS = ("events", "mail", "audit")
PERCENT = 100
TOTALS = ("total", "captured_total", "refunded_total", "taken_back_total")
FIGURES = ("captured", "refund_committed", "refunded")
REFUND_COLUMNS = ("state", "amount", "shipping", "goodwill")
COUNTS = ("quantity", "qty_cancelled", "qty_shipped", "qty_delivered", "qty_returned")


def tables():
    """All that a step may write to."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return [name for name in names if name.startswith(tuple(f"{app}_" for app in TRADE + WORDS))]


def open_shop(names, *, stock):
    """Put the articles on sale in a shop where nothing has happened yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
    deliver_everywhere(str(SHIPPING))
    for sku, price in PRICES.items():
        sell(sku, str(price), stock=stock)
    for code, (share, limit) in COUPONS.items():
        make_coupon(code, str(share * PERCENT), limit_total=limit)
    for role, (per_refund, per_day, may_goodwill) in LIMITS.items():
        RefundPolicy.objects.create(
            role=role, max_per_refund=per_refund, max_per_day=per_day, may_goodwill=may_goodwill
        )


def fingerprint(names):
    """Every row of every table, so that nothing changes unseen."""
    rows = " UNION ALL ".join(  # of names that the database gave
        f"SELECT '{name}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"  # noqa: S608
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def snapshot(role_of):
    """The shop's own books, in the form of `Books.snapshot`."""
    return {
        "levels": _by(StockItem, 1, "variant__sku", "on_hand", "reserved"),
        "sold out": sorted(Variant.objects.filter(in_stock=False).values_list("sku", flat=True)),
        "coupons": dict(Coupon.objects.values_list("code", "used_count")),
        "orders": _by(Order, 1, "number", "status", "cancel_reason", *TOTALS),
        "payments": _by(Payment, 1, "reference", *FIGURES),
        "refunds": _by(Refund, 1, "number", *REFUND_COLUMNS),
        "given back": {
            (role_of(row.user_id), row.day): row.used
            for row in RefundAllowance.objects.exclude(used=0)
        },
        "accepted": dict(
            MissingAcceptance.objects.values_list("order__number").annotate(Max("amount"))
        ),
        "fulfilled": sorted(
            Order.objects.filter(fulfilled_at__isnull=False).values_list("number", flat=True)
        ),
        "lines": _by(OrderLine, 2, "order__number", "sku", *COUNTS),
        "parcels": _by(
            ShipmentLine, 2, "shipment__number", "order_line__sku", "shipment__state", "quantity"
        ),
        "returns": _by(
            ReturnLine,
            2,
            "of_return__number",
            "order_line__sku",
            "of_return__state",
            "of_return__version",
            *("requested", "approved", "received", "restocked"),
        ),
    }


def _by(model, keys, *columns):
    """The rows of a table by their first column, or their first two."""
    rows = model.objects.values_list(*columns)
    return {row[0] if keys == 1 else row[:keys]: row[keys:] for row in rows}


def broken_invariants():
    """What does not hold of the books. Refused inside a transaction: nothing is left open."""
    return [
        (outcome.invariant.sentence, outcome.rows)
        for outcome in check_invariants()
        if outcome.is_red
    ]
