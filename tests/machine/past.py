"""The shop as it was, asked of the time machine, in the form of `Books.snapshot`."""

from django.db import connection

from mdv.ops.time_machine.checking import check_everything
from mdv.ops.time_machine.orders import OrderTrail
from mdv.ops.time_machine.stock import stock_then
from refunds.models import Refund, Return, ReturnLine
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment
from shop.stock.models import StockItem
from tests.machine.shop import COUNTS, FIGURES, REFUND_COLUMNS, TOTALS


def now():
    """The present moment by the clock of the trail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def differences():
    """Whatever the replay of trail and ledgers does not lead to."""
    return [str(one) for part in check_everything() for one in part.differences]


def trails():
    """The trail of every order there is."""
    return [OrderTrail(pk) for pk in Order.objects.order_by("id").values_list("pk", flat=True)]


def snapshot(trails, at):
    """What the shop was at the instant; sold out and coupons are no part of it."""
    then = [one for one in (trail.at(at) for trail in trails) if one.order.is_there]
    items = StockItem.objects.select_related("variant").order_by("id")
    stock = {item.variant.sku: stock_then(item, at=at) for item in items}
    assert [c for one in (*then, *stock.values()) for c in counters(one) if not c.agrees] == []
    return {
        "levels": {sku: (one.level.on_hand, one.level.reserved) for sku, one in stock.items()},
        "orders": {
            one.order["number"]: tuple(
                one.order[name] for name in ("status", "cancel_reason", *TOTALS)
            )
            for one in then
        },
        "payments": {
            row["reference"]: tuple(row[name] for name in FIGURES)
            for one in then
            for row in one.parts(Payment)
        },
        "refunds": {
            row["number"]: tuple(row[name] for name in REFUND_COLUMNS)
            for one in then
            for row in one.parts(Refund)
        },
        "fulfilled": sorted(one.order["number"] for one in then if one.order["fulfilled_at"]),
        "lines": {
            (one.order["number"], line["sku"]): tuple(line[name] for name in COUNTS)
            for one in then
            for line in one.parts(OrderLine)
        },
        "parcels": {
            (parcel["number"], sku_of(one, row)): (parcel["state"], row["quantity"])
            for one in then
            for parcel in one.parts(Shipment)
            for row in one.parts(ShipmentLine)
            if row["shipment_id"] == parcel["id"]
        },
        "returns": {
            (back["number"], sku_of(one, row)): (
                *(back["state"], back["version"]),
                *(row[name] for name in ("requested", "approved", "received", "restocked")),
            )
            for one in then
            for back in one.parts(Return)
            for row in one.parts(ReturnLine)
            if row["of_return_id"] == back["id"]
        },
    }


def counters(then):
    return then.counters if isinstance(then.counters, list) else then.counters()


def sku_of(then, row):
    return next(line["sku"] for line in then.parts(OrderLine) if line["id"] == row["order_line_id"])
