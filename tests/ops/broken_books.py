"""The ways in which books can be wrong, each to be planted and found.

Words in braces are the little shop's: `{paid}` an order's number, `{paid_id}` its id, `{shirt}` and
`{mug}` the ids of stock items.
"""

from dataclasses import dataclass

TOTAL = ("orders_order", "order_total_is_items_less_discount_plus_shipping_plus_added_tax")
REFUNDS = ("payments_payment", "payment_refunds_never_exceed_what_was_captured")
DOUBLE = ("orders_invoice", "orders_invoice_number_key")
CONFIRMED = ("orders_order", "order_is_confirmed_only_when_paid_or_paid_on_delivery")

ITEMS_1501 = "{pending}: items 1501.00, lines say 1500.00; "
NO_LINES = "{cancelled}: items 1500.00, lines say ; discount 0.00, lines say "


@dataclass(frozen=True, kw_only=True)
class Broken:
    """What breaks, past which CHECK; which invariants notice; what one of them says."""

    by: str
    and_by: str = ""
    check: tuple[str, str] | None = None
    noticed_by: set[int]
    said: str

    @property
    def statements(self):
        return [statement for statement in (self.by, self.and_by) if statement]


STOCK = {
    "more on hand than moved": Broken(
        by="UPDATE stock_stockitem SET on_hand = on_hand + 1 WHERE id = {shirt}",
        noticed_by={1},
        said="SHIRT: on hand 101, movements say 100; reserved 7, movements say 7",
    ),
    "more reserved than moved": Broken(
        by="UPDATE stock_stockitem SET reserved = reserved + 1 WHERE id = {shirt}",
        noticed_by={1, 3},
        said="SHIRT: reserved 8, orders hold 7",
    ),
    "a level without movements": Broken(
        by="DELETE FROM stock_stockmovement WHERE item_id = {mug}",
        noticed_by={1, 2},
        said="MUG: on hand 5, movements say 0; reserved 0, movements say 0",
    ),
    "a gap in the ledger": Broken(
        by="UPDATE stock_stockmovement SET seq = seq + 1 WHERE item_id = {shirt} AND seq = 12",
        and_by="UPDATE stock_stockitem SET last_seq = last_seq + 1 WHERE id = {shirt}",
        noticed_by={2},
        said="SHIRT: movement 13 follows 11",
    ),
    "a ledger that begins late": Broken(
        by="UPDATE stock_stockmovement SET seq = 2 WHERE item_id = {mug}",
        and_by="UPDATE stock_stockitem SET last_seq = 2 WHERE id = {mug}",
        noticed_by={2},
        said="MUG: movement 2 follows 0",
    ),
    "a ledger cut off at its end": Broken(
        by="UPDATE stock_stockitem SET last_seq = last_seq + 1 WHERE id = {mug}",
        noticed_by={2},
        said="MUG: the last movement is 1, the level says 2",
    ),
    "units on hand that do not continue": Broken(
        by="UPDATE stock_stockmovement SET on_hand_after = 7 WHERE item_id = {shirt} AND seq = 12",
        noticed_by={2},
        said="SHIRT: movement 12 follows 11",
    ),
    "reserved units that do not continue": Broken(
        by="UPDATE stock_stockmovement SET reserved_after = 9 WHERE item_id = {shirt} AND seq = 12",
        noticed_by={2},
        said="SHIRT: movement 12 follows 11",
    ),
    "an order that holds less than is reserved": Broken(
        by="UPDATE orders_orderline SET qty_cancelled = 1 WHERE order_id = {pending_id}",
        noticed_by={3},
        said="SHIRT: reserved 7, orders hold 6",
    ),
    "stock held without a stock item": Broken(
        by="DELETE FROM stock_stockmovement WHERE item_id = {shirt}",
        and_by="DELETE FROM stock_stockitem WHERE id = {shirt}",
        noticed_by={3},
        said="SHIRT: reserved 0, orders hold 7",
    ),
}

ORDERS = {
    "a total that is not its parts": Broken(
        by="UPDATE orders_order SET total = total + 1 WHERE id = {pending_id}",
        check=TOTAL,
        noticed_by={4},
        said="{pending}: total 1501.00",
    ),
    "a total without the tax on top": Broken(
        by="UPDATE orders_order SET tax_total = 75, prices_include_tax = false "
        "WHERE id = {pending_id}",
        and_by="UPDATE orders_orderline SET tax = 75 WHERE order_id = {pending_id}",
        check=TOTAL,
        noticed_by={4},
        said="{pending}: total 1500.00",
    ),
    "items that are not the lines": Broken(
        by="UPDATE orders_order SET items_total = 1501, total = 1501 WHERE id = {pending_id}",
        noticed_by={5},
        said=ITEMS_1501 + "discount 0.00, lines say 0.00; tax 0.00, lines say 0.00",
    ),
    "a discount that is not the lines'": Broken(
        by="UPDATE orders_order SET discount_total = 1, total = 1499 WHERE id = {pending_id}",
        noticed_by={5},
        said="discount 1.00, lines say 0.00; tax 0.00, lines say 0.00",
    ),
    "a tax that is not the lines'": Broken(
        by="UPDATE orders_order SET tax_total = 1 WHERE id = {pending_id}",
        noticed_by={5},
        said="discount 0.00, lines say 0.00; tax 1.00, lines say 0.00",
    ),
    "an order without lines": Broken(
        by="DELETE FROM orders_orderline WHERE order_id = {cancelled_id}",
        noticed_by={5},
        said=NO_LINES,
    ),
    "a cancelled order that holds stock": Broken(
        by="UPDATE orders_orderline SET qty_cancelled = 0 WHERE order_id = {cancelled_id}",
        noticed_by={3, 11},
        said="{cancelled}: cancelled, and still holds stock",
    ),
    "a confirmed order that is not paid": Broken(
        by="UPDATE orders_order SET captured_total = 1499 WHERE id = {paid_id}",
        and_by="UPDATE payments_payment SET captured = 1499 WHERE order_id = {paid_id}",
        check=CONFIRMED,
        noticed_by={11},
        said="{paid}: confirmed with 1499.00 of 1500.00",
    ),
}

MONEY = {
    "more money than was paid": Broken(
        by="UPDATE orders_order SET captured_total = 1501 WHERE id = {paid_id}",
        noticed_by={6},
        said="{paid}: captured 1501.00, payments say 1500.00; refunded 0.00, payments say 0.00",
    ),
    "money without a payment": Broken(
        by="DELETE FROM payments_payment WHERE order_id = {partly_paid_id}",
        noticed_by={6},
        said="{partly_paid}: captured 1.00, payments say 0; refunded 0.00, payments say 0",
    ),
    "a refund that no payment shows": Broken(
        by="UPDATE orders_order SET refunded_total = 1 WHERE id = {paid_id}",
        noticed_by={6},
        said="{paid}: captured 1500.00, payments say 1500.00; refunded 1.00, payments say 0.00",
    ),
    "more promised back than was paid": Broken(
        by="UPDATE payments_payment SET refund_committed = 1501 WHERE order_id = {paid_id}",
        check=REFUNDS,
        noticed_by={7},
        said="paid: captured 1500.00, committed 1501.00, refunded 0.00",
    ),
    "more paid back than was promised": Broken(
        by="UPDATE payments_payment SET refunded = 1 WHERE order_id = {paid_id}",
        and_by="UPDATE orders_order SET refunded_total = 1 WHERE id = {paid_id}",
        check=REFUNDS,
        noticed_by={6, 7},
        said="paid: captured 1500.00, committed 0.00, refunded 1.00",
    ),
    "a coupon counted too often": Broken(
        by="UPDATE pricing_coupon SET used_count = used_count + 1 WHERE code = 'HALF'",
        noticed_by={12},
        said="HALF: count 2, orders 1",
    ),
    "an order whose coupon was not counted": Broken(
        by="UPDATE orders_order SET coupon_id = pricing_coupon.id FROM pricing_coupon "
        "WHERE code = 'FREE' AND orders_order.id = {pending_id}",
        noticed_by={12},
        said="FREE: count 1, orders 2",
    ),
}

PAPERS = {
    "a gap in the invoices": Broken(
        by="DELETE FROM orders_invoice WHERE place = 2",
        noticed_by={13},
        said="INV-{year}-000003: number 3 of {year} follows 1",
    ),
    "a number that was given twice": Broken(
        by="UPDATE orders_invoice SET number = 'INV-{year}-000001' WHERE place = 2",
        check=DOUBLE,
        noticed_by={13},
        said="INV-{year}-000001: number 2 of {year} follows 1",
    ),
    "a number that was lost": Broken(
        by="UPDATE sequence_sequence SET last = last + 1",
        noticed_by={13},
        said="invoice {year}: 10 numbers were given, the last invoice has 9",
    ),
    "a confirmed order without its invoice": Broken(
        by="DELETE FROM orders_invoice WHERE place = 9",
        and_by="UPDATE sequence_sequence SET last = 8 WHERE kind LIKE 'invoice%'",
        noticed_by={13},
        said="{pay_at_pickup}: confirmed, and without an invoice",
    ),
}

PARCELS = {
    "more shipped than is in parcels": Broken(
        by="UPDATE orders_orderline SET qty_shipped = 1 WHERE order_id = {paid_id}",
        and_by="UPDATE stock_stockitem SET reserved = reserved - 1 WHERE id = {shirt}",
        noticed_by={1, 10},
        said="{paid}: SHIRT: shipped 1, parcels say 0; delivered 0, parcels say 0; returned 0",
    ),
    "a parcel that arrived unseen": Broken(
        by="UPDATE fulfilment_shipment SET state = 'delivered', ended_at = now() "
        "WHERE order_id = {on_its_way_id}",
        noticed_by={10},
        said="{on_its_way}: HAT: shipped 1, parcels say 1; delivered 0, parcels say 1; returned 0",
    ),
    "a parcel that came back unseen": Broken(
        by="UPDATE orders_orderline SET qty_returned = 0 WHERE order_id = {came_back_id}",
        noticed_by={10},
        said="returned 0, came back 1; 0 in open parcels, 0 open",
    ),
    "more in parcels than is open": Broken(
        by="UPDATE fulfilment_shipmentline SET quantity = 2 FROM fulfilment_shipment s "
        "WHERE s.id = shipment_id AND s.order_id = {pay_at_pickup_id}",
        noticed_by={10},
        said="returned 0, came back 0; 2 in open parcels, 1 open",
    ),
    "an empty parcel": Broken(
        by="DELETE FROM fulfilment_shipmentline USING fulfilment_shipment s "
        "WHERE s.id = shipment_id AND s.order_id = {pay_at_pickup_id}",
        noticed_by={10},
        said="{pay_at_pickup}-1: without anything in it",
    ),
    "a completed order of which something has not left": Broken(
        by="UPDATE orders_order SET status = 'completed', fulfilled_at = now() "
        "WHERE id = {paid_id}",
        noticed_by={11},
        said="{paid}: completed, and not all of it has left",
    ),
    "a completed order with a parcel on its way": Broken(
        by="UPDATE orders_order SET status = 'completed', fulfilled_at = now() "
        "WHERE id = {on_its_way_id}",
        noticed_by={11},
        said="{on_its_way}: completed, and parcel {on_its_way}-1 is dispatched",
    ),
}

RETURNS = {
    "goods that came back unseen": Broken(
        by="UPDATE orders_orderline SET qty_returned = 0 WHERE order_id = {sent_back_id}",
        noticed_by={9, 10},
        said="returned 0, came back 1; 0 in open parcels, 0 open",
    ),
    "a return of more than was delivered": Broken(
        by="UPDATE refunds_returnline i SET requested = 2, approved = 2 FROM refunds_return r "
        "WHERE r.id = i.of_return_id AND r.order_id = {to_send_back_id}",
        noticed_by={10},
        said="{to_send_back}: HAT: 1 delivered, returns take 2",
    ),
    "a receipt that was lost": Broken(
        by="DELETE FROM refunds_returnreceipt",
        noticed_by={10},
        said="received 1, receipts say 0; restocked 1, receipts say 0",
    ),
    "a return that was given up after it came": Broken(
        by="UPDATE refunds_return SET state = 'cancelled' WHERE order_id = {sent_back_id}",
        noticed_by={10},
        said="cancelled, and 1 of it came",
    ),
}

MONEY_BACK = {
    "a promise that is no refund": Broken(
        by="UPDATE payments_payment SET refund_committed = 1 WHERE order_id = {paid_id}",
        noticed_by={7},
        said="paid: committed 1.00, refunds say 0; refunded 0.00, refunds say 0",
    ),
    "money that went without a refund": Broken(
        by="UPDATE payments_payment SET refund_committed = 1, refunded = 1 "
        "WHERE order_id = {paid_id}",
        and_by="UPDATE orders_order SET refunded_total = 1 WHERE id = {paid_id}",
        noticed_by={6, 7},
        said="{paid}: refunded 1.00, refunds that succeeded say 0",
    ),
    "money taken back that its order does not show": Broken(
        by="UPDATE refunds_refund SET source = 'external' WHERE order_id = {overpaid_id}",
        noticed_by={6},
        said="{overpaid}: taken back 0.00, refunds from outside say 1500.00",
    ),
    "an order confirmed by money that was gone": Broken(
        by="UPDATE refunds_refund r SET source = 'chargeback', "
        "settled_at = o.confirmed_at - interval '1 second' "
        "FROM orders_order o WHERE o.id = r.order_id AND o.id = {sent_back_id}",
        and_by="UPDATE orders_order SET taken_back_total = 1500 WHERE id = {sent_back_id}",
        noticed_by={11},
        said="{sent_back}: completed with 0.00 of 1500.00",
    ),
    "a refund that is not its parts": Broken(
        by="UPDATE refunds_refund SET goodwill = goodwill - 1 WHERE order_id = {overpaid_id}",
        noticed_by={8},
        said="1500.00, and its parts make 1499.00",
    ),
    "an order line that shows no such refund": Broken(
        by="UPDATE orders_orderline SET refunded = 1 WHERE order_id = {paid_id}",
        noticed_by={9},
        said="{paid}: SHIRT: refunded 1.00, refunds say 0; 0 of 0 cancelled",
    ),
    "a unit that was refunded twice": Broken(
        by="UPDATE refunds_refundline SET quantity = 2",
        noticed_by={9},
        said="HAT: 1 came back, refunds take 2",
    ),
    "a unit that never left, refunded as kept": Broken(
        by="UPDATE refunds_refundline SET quantity = 2, restock = 'none'",
        noticed_by={9},
        said="2 of 1 that left",
    ),
    "more than a unit costs": Broken(
        by="UPDATE refunds_refundline SET withheld = 1",
        noticed_by={9},
        said="{sent_back}: HAT: refunded 1500.00, refunds say 1500.00; 0 of 0 cancelled",
    ),
    "shipping that was never paid": Broken(
        by="UPDATE refunds_refund SET goodwill = goodwill - 1, shipping = 1 "
        "WHERE order_id = {overpaid_id}",
        noticed_by={9},
        said="{overpaid}: shipping 0.00, refunds give 1.00 back",
    ),
    "a gap in the credit notes": Broken(
        by="UPDATE refunds_creditnote SET place = 3, number = 'CN-{year}-000003' WHERE place = 2",
        noticed_by={13},
        said="CN-{year}-000003: number 3 of {year} follows 1",
    ),
    "a credit note's number that was lost": Broken(
        by="UPDATE sequence_sequence SET last = 3 WHERE kind LIKE 'credit note%'",
        noticed_by={13},
        said="credit note {year}: 3 numbers were given, the last credit note has 2",
    ),
    "money that went back without a credit note": Broken(
        by="DELETE FROM refunds_creditnote WHERE place = 2",
        and_by="UPDATE sequence_sequence SET last = 1 WHERE kind LIKE 'credit note%'",
        noticed_by={13},
        said="succeeded, and without a credit note",
    ),
}

TRAIL = {
    "a seal of an entry that is not there": Broken(
        by="INSERT INTO audit_auditseal (seq, entry_id, transaction_id, server, digest, previous, "
        "mac, key_id, sealed_at) VALUES "
        "(1, 0, 0, 0, sha256(''), decode(repeat('00', 32), 'hex'), sha256(''), '', now())",
        noticed_by={14},
        said="seal 1 of entry 0: the entry is missing",
    ),
}

PLANTED = {**STOCK, **ORDERS, **MONEY, **PAPERS, **PARCELS, **RETURNS, **MONEY_BACK, **TRAIL}
