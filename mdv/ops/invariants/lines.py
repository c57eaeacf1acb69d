"""What must always be true of order lines: what was refunded, shipped and came back."""

from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=9,
        sentence="An order line shows its refunds; no unit and no shipping is refunded twice.",
        advice=(
            "Restate the order's lines from their refunds. What was refunded twice is "
            "claimed back from the customer."
        ),
        query="""
            SELECT CASE WHEN l.refunded <> r.amount THEN 'order' ELSE 'refunds' END, o.id,
                   o.number, format('%s: refunded %s, refunds say %s; %s of %s cancelled, '
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
            SELECT 'refunds', o.id, o.number,
                   format('shipping %s, refunds give %s back', o.shipping_total, r.given)
            FROM orders_order o
            JOIN (SELECT order_id, sum(shipping) AS given FROM refunds_refund
                  WHERE state NOT IN ('failed', 'rejected', 'cancelled')
                  GROUP BY order_id) r ON r.order_id = o.id
            WHERE r.given > o.shipping_total
            UNION ALL
            SELECT 'return', t.id, t.number, format('%s: %s came back, refunds take %s', l.sku,
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
        advice=(
            "Restate the counts from parcels, returns and receipts. A parcel or receipt "
            "that is missing is entered first."
        ),
        query="""
            SELECT CASE WHEN (l.qty_shipped, l.qty_delivered, l.qty_returned)
                             <> (p.shipped, p.delivered, p.returned + r.received)
                        THEN 'order' ELSE 'goods' END, o.id,
                   o.number, format('%s: shipped %s, parcels say %s; delivered %s, parcels say %s; '
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
            SELECT 'parcel', id, number, 'without anything in it' FROM fulfilment_shipment s
            WHERE NOT EXISTS (SELECT FROM fulfilment_shipmentline WHERE shipment_id = s.id)
            UNION ALL
            SELECT 'goods', o.id, o.number,
                   format('%s: %s delivered, returns take %s', l.sku, l.qty_delivered, t.units)
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
            SELECT 'receipts', r.id, r.number,
                   format('received %s, receipts say %s; restocked %s, receipts say %s',
                          i.received, f.received, i.restocked, f.restocked)
            FROM refunds_returnline i JOIN refunds_return r ON r.id = i.of_return_id,
            LATERAL (SELECT coalesce(sum(quantity), 0) AS received,
                            coalesce(sum(quantity) FILTER (WHERE is_restocked), 0) AS restocked
                     FROM refunds_returnreceipt WHERE line_id = i.id) f
            WHERE (i.received, i.restocked) <> (f.received, f.restocked)
            UNION ALL
            SELECT 'return', r.id, r.number,
                   format('%s, and %s of it came', r.state, sum(i.received))
            FROM refunds_return r JOIN refunds_returnline i ON i.of_return_id = r.id
            WHERE r.state NOT IN ('receiving', 'closed')
            GROUP BY r.id HAVING sum(i.received) > 0""",
    ),
)
