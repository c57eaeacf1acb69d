"""What must always be true of the books, each as a query that returns no rows.

The numbers are those of the domain's list of invariants; the ones that are missing belong to parts
of the shop that do not exist yet. Each query names the offending row and says what is wrong.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Invariant:
    number: int
    sentence: str
    query: str


INVARIANTS = (
    Invariant(
        number=1,
        sentence="Stock equals the sum of its movements.",
        query="""
            SELECT v.sku, format('on hand %s, movements say %s; reserved %s, movements say %s',
                                 i.on_hand, m.on_hand, i.reserved, m.reserved)
            FROM stock_stockitem i
            JOIN catalog_variant v ON v.id = i.variant_id,
            LATERAL (SELECT coalesce(sum(d_on_hand), 0) AS on_hand,
                            coalesce(sum(d_reserved), 0) AS reserved
                     FROM stock_stockmovement WHERE item_id = i.id) m
            WHERE (i.on_hand, i.reserved) IS DISTINCT FROM (m.on_hand, m.reserved)""",
    ),
    Invariant(
        number=2,
        sentence="The stock ledger has no gap, and each movement continues the one before.",
        query="""
            SELECT v.sku, format('movement %s follows %s', m.seq, coalesce(m.before, 0))
            FROM (SELECT item_id, seq, d_on_hand, d_reserved, on_hand_after, reserved_after,
                         lag(seq) OVER ledger AS before,
                         lag(on_hand_after, 1, 0) OVER ledger AS on_hand_before,
                         lag(reserved_after, 1, 0) OVER ledger AS reserved_before
                  FROM stock_stockmovement
                  WINDOW ledger AS (PARTITION BY item_id ORDER BY seq)) m
            JOIN stock_stockitem i ON i.id = m.item_id
            JOIN catalog_variant v ON v.id = i.variant_id
            WHERE m.seq <> coalesce(m.before, 0) + 1
               OR m.on_hand_after <> m.on_hand_before + m.d_on_hand
               OR m.reserved_after <> m.reserved_before + m.d_reserved
            UNION ALL
            SELECT v.sku, format('the last movement is %s, the level says %s', m.last, i.last_seq)
            FROM stock_stockitem i
            JOIN catalog_variant v ON v.id = i.variant_id,
            LATERAL (SELECT coalesce(max(seq), 0) AS last
                     FROM stock_stockmovement WHERE item_id = i.id) m
            WHERE i.last_seq <> m.last""",
    ),
    Invariant(
        number=3,
        sentence="What is reserved is what open orders hold.",
        query="""
            SELECT v.sku, format('reserved %s, orders hold %s', coalesce(i.reserved, 0),
                                 coalesce(held.units, 0))
            FROM catalog_variant v
            LEFT JOIN stock_stockitem i ON i.variant_id = v.id
            LEFT JOIN (SELECT variant_id, sum(quantity - qty_cancelled - qty_shipped) AS units
                       FROM orders_orderline GROUP BY variant_id) held ON held.variant_id = v.id
            WHERE coalesce(i.reserved, 0) <> coalesce(held.units, 0)""",
    ),
    Invariant(
        number=4,
        sentence="An order's total is items less discount plus shipping plus added tax.",
        query="""
            SELECT number, format('total %s', total) FROM orders_order
            WHERE total <> items_total - discount_total + shipping_total
                           + CASE WHEN prices_include_tax THEN 0 ELSE tax_total END""",
    ),
    Invariant(
        number=5,
        sentence="An order's items, discount and tax are the sums of its lines.",
        query="""
            SELECT o.number, format('items %s, lines say %s; discount %s, lines say %s; '
                                    'tax %s, lines say %s', o.items_total, l.items,
                                    o.discount_total, l.discount, o.tax_total, l.tax)
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(unit_price * quantity) AS items,
                              sum(discount) AS discount, sum(tax) AS tax
                       FROM orders_orderline GROUP BY order_id) l ON l.order_id = o.id
            WHERE (o.items_total, o.discount_total, o.tax_total)
                  IS DISTINCT FROM (l.items, l.discount, l.tax)""",
    ),
    Invariant(
        number=6,
        sentence="An order shows as captured and refunded what its payments and refunds show.",
        query="""
            SELECT o.number, format('captured %s, payments say %s; refunded %s, payments say %s',
                                    o.captured_total, coalesce(p.captured, 0),
                                    o.refunded_total, coalesce(p.refunded, 0))
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded
                       FROM payments_payment GROUP BY order_id) p ON p.order_id = o.id
            WHERE (o.captured_total, o.refunded_total)
                  <> (coalesce(p.captured, 0), coalesce(p.refunded, 0))
            UNION ALL
            SELECT o.number, format('refunded %s, refunds that succeeded say %s',
                                    o.refunded_total, coalesce(r.gone, 0))
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(amount) AS gone FROM refunds_refund
                       WHERE state = 'succeeded' GROUP BY order_id) r ON r.order_id = o.id
            WHERE o.refunded_total <> coalesce(r.gone, 0)
            UNION ALL
            SELECT o.number, format('taken back %s, refunds from outside say %s',
                                    o.taken_back_total, coalesce(r.gone, 0))
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(amount) AS gone FROM refunds_refund
                       WHERE state = 'succeeded' AND source IN ('external', 'chargeback')
                       GROUP BY order_id) r ON r.order_id = o.id
            WHERE o.taken_back_total <> coalesce(r.gone, 0)""",
    ),
    Invariant(
        number=7,
        sentence="What a payment promises back is its refunds, and never exceeds what it captured.",
        query="""
            SELECT reference, format('captured %s, committed %s, refunded %s', captured,
                                     refund_committed, refunded)
            FROM payments_payment
            WHERE NOT (0 <= refunded AND refunded <= refund_committed
                       AND refund_committed <= captured)
            UNION ALL
            SELECT p.reference, format('committed %s, refunds say %s; refunded %s, refunds say %s',
                                       p.refund_committed, coalesce(r.committed, 0),
                                       p.refunded, coalesce(r.gone, 0))
            FROM payments_payment p
            LEFT JOIN (SELECT payment_id,
                              sum(amount) FILTER (WHERE state NOT IN (
                                  'failed', 'rejected', 'cancelled')) AS committed,
                              sum(amount) FILTER (WHERE state = 'succeeded') AS gone
                       FROM refunds_refund GROUP BY payment_id) r ON r.payment_id = p.id
            WHERE (p.refund_committed, p.refunded)
                  <> (coalesce(r.committed, 0), coalesce(r.gone, 0))""",
    ),
    Invariant(
        number=8,
        sentence="A refund is its shipping, its goodwill and its lines.",
        query="""
            SELECT r.number, format('%s, and its parts make %s', r.amount,
                                    r.shipping + r.goodwill + coalesce(i.amount, 0))
            FROM refunds_refund r
            LEFT JOIN (SELECT refund_id, sum(amount) AS amount FROM refunds_refundline
                       GROUP BY refund_id) i ON i.refund_id = r.id
            WHERE r.amount <> r.shipping + r.goodwill + coalesce(i.amount, 0)""",
    ),
    Invariant(
        number=9,
        sentence="An order line shows its refunds; no unit and no shipping is refunded twice.",
        query="""
            SELECT o.number, format('%s: refunded %s, refunds say %s; %s of %s cancelled, '
                                    '%s of %s that left, %s of %s returned', l.sku, l.refunded,
                                    r.amount, r.cancelled, l.qty_cancelled,
                                    r.units - r.cancelled, l.qty_shipped,
                                    r.returned, l.qty_returned)
            FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
            LEFT JOIN (
                SELECT i.order_line_id, sum(i.amount) AS amount, sum(i.quantity) AS units,
                       sum(i.amount + i.withheld) AS cost, sum(i.tax) AS tax,
                       sum(i.quantity) FILTER (WHERE i.restock = 'cancel') AS cancelled,
                       sum(i.quantity) FILTER (WHERE i.restock = 'return') AS returned
                FROM refunds_refundline i JOIN refunds_refund f ON f.id = i.refund_id
                WHERE f.state NOT IN ('failed', 'rejected', 'cancelled')
                GROUP BY i.order_line_id) given ON given.order_line_id = l.id,
            LATERAL (SELECT coalesce(given.amount, 0) AS amount,
                            coalesce(given.units, 0) AS units,
                            coalesce(given.cost, 0) AS cost,
                            coalesce(given.tax, 0) AS tax,
                            coalesce(given.cancelled, 0) AS cancelled,
                            coalesce(given.returned, 0) AS returned) r
            WHERE l.refunded <> r.amount OR r.cost > l.total OR r.tax > l.tax
               OR r.cancelled > l.qty_cancelled OR r.units - r.cancelled > l.qty_shipped
               OR r.returned > l.qty_returned
            UNION ALL
            SELECT o.number, format('shipping %s, refunds give %s back', o.shipping_total, r.given)
            FROM orders_order o
            JOIN (SELECT order_id, sum(shipping) AS given FROM refunds_refund
                  WHERE state NOT IN ('failed', 'rejected', 'cancelled')
                  GROUP BY order_id) r ON r.order_id = o.id
            WHERE r.given > o.shipping_total
            UNION ALL
            SELECT t.number, format('%s: %s came back, refunds take %s', l.sku,
                                    coalesce(c.received, 0), r.units)
            FROM (SELECT f.of_return_id, i.order_line_id, sum(i.quantity) AS units
                  FROM refunds_refundline i JOIN refunds_refund f ON f.id = i.refund_id
                  WHERE f.of_return_id IS NOT NULL AND i.restock = 'return'
                    AND f.state NOT IN ('failed', 'rejected', 'cancelled')
                  GROUP BY f.of_return_id, i.order_line_id) r
            JOIN refunds_return t ON t.id = r.of_return_id
            JOIN orders_orderline l ON l.id = r.order_line_id
            LEFT JOIN refunds_returnline c
                ON c.of_return_id = r.of_return_id AND c.order_line_id = r.order_line_id
            WHERE r.units > coalesce(c.received, 0)""",
    ),
    Invariant(
        number=10,
        sentence="What an order line shows as shipped, delivered and returned really went or came.",
        query="""
            SELECT o.number, format('%s: shipped %s, parcels say %s; delivered %s, parcels say %s; '
                                    'returned %s, came back %s; %s in open parcels, %s open',
                                    l.sku, l.qty_shipped, p.shipped, l.qty_delivered, p.delivered,
                                    l.qty_returned, p.returned + r.received, p.packed,
                                    l.quantity - l.qty_cancelled - l.qty_shipped)
            FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
            LEFT JOIN (
                SELECT i.order_line_id,
                       sum(i.quantity) FILTER (WHERE s.state IN ('packing', 'ready')) AS packed,
                       sum(i.quantity) FILTER (WHERE s.state IN (
                           'dispatched', 'in_transit', 'delivered', 'returned_to_sender'
                       )) AS shipped,
                       sum(i.quantity) FILTER (WHERE s.state = 'delivered') AS delivered,
                       sum(i.quantity) FILTER (WHERE s.state = 'returned_to_sender') AS returned
                FROM fulfilment_shipmentline i JOIN fulfilment_shipment s ON s.id = i.shipment_id
                GROUP BY i.order_line_id) inside ON inside.order_line_id = l.id,
            LATERAL (SELECT coalesce(inside.packed, 0) AS packed,
                            coalesce(inside.shipped, 0) AS shipped,
                            coalesce(inside.delivered, 0) AS delivered,
                            coalesce(inside.returned, 0) AS returned) p,
            LATERAL (SELECT coalesce(sum(received), 0) AS received FROM refunds_returnline
                     WHERE order_line_id = l.id) r
            WHERE (l.qty_shipped, l.qty_delivered, l.qty_returned)
                  <> (p.shipped, p.delivered, p.returned + r.received)
               OR l.qty_cancelled + l.qty_shipped + p.packed > l.quantity
            UNION ALL
            SELECT number, 'without anything in it' FROM fulfilment_shipment s
            WHERE NOT EXISTS (SELECT FROM fulfilment_shipmentline WHERE shipment_id = s.id)
            UNION ALL
            SELECT o.number, format('%s: %s delivered, returns take %s', l.sku, l.qty_delivered,
                                    t.units)
            FROM (SELECT i.order_line_id,
                         sum(CASE r.state WHEN 'requested' THEN i.requested
                                          WHEN 'approved' THEN i.approved
                                          WHEN 'receiving' THEN i.approved
                                          WHEN 'closed' THEN i.received ELSE 0 END) AS units
                  FROM refunds_returnline i JOIN refunds_return r ON r.id = i.of_return_id
                  GROUP BY i.order_line_id) t
            JOIN orders_orderline l ON l.id = t.order_line_id
            JOIN orders_order o ON o.id = l.order_id
            WHERE t.units > l.qty_delivered
            UNION ALL
            SELECT r.number, format('received %s, receipts say %s; restocked %s, receipts say %s',
                                    i.received, f.received, i.restocked, f.restocked)
            FROM refunds_returnline i JOIN refunds_return r ON r.id = i.of_return_id,
            LATERAL (SELECT coalesce(sum(quantity), 0) AS received,
                            coalesce(sum(quantity) FILTER (WHERE is_restocked), 0) AS restocked
                     FROM refunds_returnreceipt WHERE line_id = i.id) f
            WHERE (i.received, i.restocked) <> (f.received, f.restocked)
            UNION ALL
            SELECT r.number, format('%s, and %s of it came', r.state, sum(i.received))
            FROM refunds_return r JOIN refunds_returnline i ON i.of_return_id = r.id
            WHERE r.state NOT IN ('receiving', 'closed')
            GROUP BY r.id HAVING sum(i.received) > 0""",
    ),
    Invariant(
        number=11,
        sentence="No order that has ended holds stock, none was confirmed short of money.",
        query="""
            SELECT o.number, 'cancelled, and still holds stock'
            FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            WHERE o.status = 'cancelled' AND l.quantity <> l.qty_cancelled + l.qty_shipped
            UNION ALL
            SELECT o.number, format('%s with %s of %s', o.status,
                                    o.captured_total - coalesce(r.gone, 0), o.total)
            FROM orders_order o
            LEFT JOIN (SELECT b.id, sum(f.amount) AS gone
                       FROM refunds_refund f JOIN orders_order b ON b.id = f.order_id
                       WHERE f.state = 'succeeded' AND f.source IN ('external', 'chargeback')
                         AND f.settled_at < b.confirmed_at
                       GROUP BY b.id) r ON r.id = o.id
            WHERE o.status IN ('confirmed', 'completed') AND NOT o.pay_on_delivery
              AND o.captured_total - coalesce(r.gone, 0) < o.total
            UNION ALL
            SELECT o.number, 'completed, and not all of it has left'
            FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            WHERE o.status = 'completed' AND l.quantity <> l.qty_cancelled + l.qty_shipped
            UNION ALL
            SELECT o.number, format('%s, and parcel %s is %s', o.status, s.number, s.state)
            FROM orders_order o JOIN fulfilment_shipment s ON s.order_id = o.id
            WHERE o.status IN ('completed', 'cancelled')
              AND s.state NOT IN ('delivered', 'returned_to_sender', 'cancelled')""",
    ),
    Invariant(
        number=12,
        sentence="A coupon's count is the number of orders that use it and are not cancelled.",
        query="""
            SELECT c.code, format('count %s, orders %s', c.used_count, coalesce(o.orders, 0))
            FROM pricing_coupon c
            LEFT JOIN (SELECT coupon_id, count(*) AS orders FROM orders_order
                       WHERE status <> 'cancelled' GROUP BY coupon_id) o ON o.coupon_id = c.id
            WHERE c.used_count <> coalesce(o.orders, 0)""",
    ),
    Invariant(
        number=13,
        sentence="Invoices and credit notes have no gap and no double, and none is missing.",
        query="""
            SELECT i.number, format('number %s of %s follows %s', i.place, i.year,
                                    coalesce(i.before, 0))
            FROM (SELECT number, year, place,
                         lag(place) OVER (PARTITION BY year ORDER BY place) AS before
                  FROM orders_invoice) i
            WHERE i.place <> coalesce(i.before, 0) + 1
               OR i.number <> format('INV-%s-%s', i.year,
                                     lpad(i.place::text, greatest(6, length(i.place::text)), '0'))
            UNION ALL
            SELECT s.kind, format('%s numbers were given, the last invoice has %s', s.last,
                                  coalesce(i.last, 0))
            FROM sequence_sequence s
            LEFT JOIN (SELECT 'invoice ' || year AS kind, max(place) AS last
                       FROM orders_invoice GROUP BY year) i ON i.kind = s.kind
            WHERE s.kind LIKE 'invoice %' AND s.last <> coalesce(i.last, 0)
            UNION ALL
            SELECT o.number, format('%s, and without an invoice', o.status)
            FROM orders_order o LEFT JOIN orders_invoice i ON i.order_id = o.id
            WHERE o.status IN ('confirmed', 'completed') AND i.id IS NULL
            UNION ALL
            SELECT c.number, format('number %s of %s follows %s', c.place, c.year,
                                    coalesce(c.before, 0))
            FROM (SELECT number, year, place,
                         lag(place) OVER (PARTITION BY year ORDER BY place) AS before
                  FROM refunds_creditnote) c
            WHERE c.place <> coalesce(c.before, 0) + 1
               OR c.number <> format('CN-%s-%s', c.year,
                                     lpad(c.place::text, greatest(6, length(c.place::text)), '0'))
            UNION ALL
            SELECT s.kind, format('%s numbers were given, the last credit note has %s', s.last,
                                  coalesce(c.last, 0))
            FROM sequence_sequence s
            LEFT JOIN (SELECT 'credit note ' || year AS kind, max(place) AS last
                       FROM refunds_creditnote GROUP BY year) c ON c.kind = s.kind
            WHERE s.kind LIKE 'credit note %' AND s.last <> coalesce(c.last, 0)
            UNION ALL
            SELECT r.number, format('%s, and %s', r.state, CASE WHEN c.id IS NULL
                   THEN 'without a credit note' ELSE 'with credit note ' || c.number END)
            FROM refunds_refund r LEFT JOIN refunds_creditnote c ON c.refund_id = r.id
            WHERE (r.state = 'succeeded') <> (c.id IS NOT NULL)""",
    ),
)
