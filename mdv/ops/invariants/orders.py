"""What must always be true of orders and of the coupons that they use."""

from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=4,
        sentence="An order's total is items less discount plus shipping plus added tax.",
        advice=(
            "An order's amounts are fixed when it is placed: somebody changed the "
            "database. Compare with the invoice and with a backup."
        ),
        query="""
            SELECT 'order', id, number, format('total %s', total) FROM orders_order
            WHERE total <> items_total - discount_total + shipping_total
                           + CASE WHEN prices_include_tax THEN 0 ELSE tax_total END""",
    ),
    Invariant(
        number=5,
        sentence="An order's items, discount and tax are the sums of its lines.",
        advice=(
            "An order's amounts and lines are fixed when it is placed: somebody changed "
            "the database. Compare with the invoice and with a backup."
        ),
        query="""
            SELECT 'order', o.id, o.number,
                   format('items %s, lines say %s; discount %s, lines say %s; '
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
        number=11,
        sentence="No order that has ended holds stock, none was confirmed short of money.",
        advice="Open the order: cancel, ship or book what is missing by its buttons.",
        query="""
            SELECT 'order', o.id, o.number, 'cancelled, and still holds stock'
            FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            WHERE o.status = 'cancelled' AND l.quantity <> l.qty_cancelled + l.qty_shipped
            UNION ALL
            SELECT 'order', o.id, o.number,
                   format('%s with %s of %s', o.status,
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
            SELECT 'order', o.id, o.number, 'completed, and not all of it has left'
            FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            WHERE o.status = 'completed' AND l.quantity <> l.qty_cancelled + l.qty_shipped
            UNION ALL
            SELECT 'order', o.id, o.number,
                   format('%s, and parcel %s is %s', o.status, s.number, s.state)
            FROM orders_order o JOIN fulfilment_shipment s ON s.order_id = o.id
            WHERE o.status IN ('completed', 'cancelled')
              AND s.state NOT IN ('delivered', 'returned_to_sender', 'cancelled')""",
    ),
    Invariant(
        number=12,
        sentence="A coupon's count is the number of orders that use it and are not cancelled.",
        advice="Restate the count from the orders that use the coupon.",
        query="""
            SELECT 'coupon', c.id, c.code,
                   format('count %s, orders %s', c.used_count, coalesce(o.orders, 0))
            FROM pricing_coupon c
            LEFT JOIN (SELECT coupon_id, count(*) AS orders FROM orders_order
                       WHERE status <> 'cancelled' GROUP BY coupon_id) o ON o.coupon_id = c.id
            WHERE c.used_count <> coalesce(o.orders, 0)""",
    ),
)
