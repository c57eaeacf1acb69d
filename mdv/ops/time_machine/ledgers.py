"""What counters are counted from, as SQL: the row is `t`."""

from collections.abc import Iterable

from django.db import models
from django.db.models import TextChoices

from refunds.models import Refund, ReturnLine
from refunds.states import COMMITTED, FROM_OUTSIDE, RefundState
from shop.fulfilment.states import SHIPPED, ShipmentState
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment
from shop.stock.models import StockItem


def _any_of(words: Iterable[TextChoices]) -> str:
    return "(" + ", ".join(f"'{word.value}'" for word in sorted(words)) + ")"


GONE = f"state = '{RefundState.SUCCEEDED.value}'"
PROMISED = f"state IN {_any_of(COMMITTED)}"
LINES = "FROM orders_orderline WHERE order_id = t.id"
PAYMENTS = "FROM payments_payment WHERE order_id = t.id"
REFUNDS_OF_ORDER = "FROM refunds_refund WHERE order_id = t.id"
REFUNDS = "FROM refunds_refund WHERE payment_id = t.id"
IN_PARCELS = """
    SELECT coalesce(sum(inside.quantity), 0) FROM fulfilment_shipmentline inside
    JOIN fulfilment_shipment parcel ON parcel.id = inside.shipment_id
    WHERE inside.order_line_id = t.id AND parcel.state IN """
IN_REFUNDS = """
    SELECT coalesce(sum(given.amount), 0) FROM refunds_refundline given
    JOIN refunds_refund refund ON refund.id = given.refund_id
    WHERE given.order_line_id = t.id"""
IN_RETURNS = "SELECT coalesce(sum(received), 0) FROM refunds_returnline WHERE order_line_id = t.id"
BACK_IN_PARCELS = f"{IN_PARCELS}('{ShipmentState.RETURNED_TO_SENDER.value}')"
RECEIPTS = "FROM refunds_returnreceipt WHERE line_id = t.id"
MOVEMENTS = "FROM stock_stockmovement WHERE item_id = t.id"

LEDGERS: dict[type[models.Model], dict[str, str]] = {
    Order: {
        "items_total": f"SELECT coalesce(sum(unit_price * quantity), 0) {LINES}",
        "discount_total": f"SELECT coalesce(sum(discount), 0) {LINES}",
        "tax_total": f"SELECT coalesce(sum(tax), 0) {LINES}",
        "captured_total": f"SELECT coalesce(sum(captured), 0) {PAYMENTS}",
        "refunded_total": f"SELECT coalesce(sum(amount), 0) {REFUNDS_OF_ORDER} AND {GONE}",
        "taken_back_total": f"SELECT coalesce(sum(amount), 0) {REFUNDS_OF_ORDER} AND {GONE} "
        f"AND source IN {_any_of(FROM_OUTSIDE)}",
    },
    OrderLine: {
        "qty_shipped": IN_PARCELS + _any_of(SHIPPED),
        "qty_delivered": f"{IN_PARCELS}('{ShipmentState.DELIVERED.value}')",
        "qty_returned": f"SELECT ({BACK_IN_PARCELS}) + ({IN_RETURNS})",
        "refunded": f"{IN_REFUNDS} AND refund.{PROMISED}",
    },
    Payment: {
        "refund_committed": f"SELECT coalesce(sum(amount), 0) {REFUNDS} AND {PROMISED}",
        "refunded": f"SELECT coalesce(sum(amount), 0) {REFUNDS} AND {GONE}",
    },
    Refund: {
        "amount": "SELECT t.shipping + t.goodwill + coalesce(sum(amount), 0) "
        "FROM refunds_refundline WHERE refund_id = t.id",
    },
    ReturnLine: {
        "received": f"SELECT coalesce(sum(quantity), 0) {RECEIPTS}",
        "restocked": f"SELECT coalesce(sum(quantity), 0) {RECEIPTS} AND is_restocked",
    },
    StockItem: {
        "on_hand": f"SELECT coalesce(sum(d_on_hand), 0) {MOVEMENTS}",
        "reserved": f"SELECT coalesce(sum(d_reserved), 0) {MOVEMENTS}",
        # Movements are numbered without gaps.
        "last_seq": f"SELECT count(*) {MOVEMENTS}",
    },
}


def ledger_query(model: type[models.Model]) -> str:
    """Return SQL of the counters that are not their ledgers: key, column, ledger, counter.

    Its parameter is `keys`, an array of ids.
    """
    counters = ", ".join(
        f"('{column}', ({ledger})::numeric, t.{column}::numeric)"
        for column, ledger in LEDGERS[model].items()
    )
    return f"""
        SELECT t.id::text, counter.name, counter.ledger::text, counter.shown::text
        FROM {model._meta.db_table} t,
        LATERAL (VALUES {counters}) counter (name, ledger, shown)
        WHERE t.id = ANY(%(keys)s) AND counter.shown IS DISTINCT FROM counter.ledger
        ORDER BY t.id, counter.name"""  # noqa: S608 (names of the models)
