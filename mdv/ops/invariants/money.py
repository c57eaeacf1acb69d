"""What must always be true of money that came and went back."""

from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=6,
        sentence="An order shows as captured and refunded what its payments and refunds show.",
        advice=(
            "Restate the order from its payments and refunds. If a payment is missing, "
            "book it first."
        ),
        query="""
            SELECT 'order', o.id, o.number,
                   format('captured %s, payments say %s; refunded %s, payments say %s',
                          o.captured_total, coalesce(p.captured, 0),
                          o.refunded_total, coalesce(p.refunded, 0))
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded
                       FROM payments_payment GROUP BY order_id) p ON p.order_id = o.id
            WHERE (o.captured_total, o.refunded_total)
                  <> (coalesce(p.captured, 0), coalesce(p.refunded, 0))
            UNION ALL
            SELECT 'order', o.id, o.number, format('refunded %s, refunds that succeeded say %s',
                                    o.refunded_total, coalesce(r.gone, 0))
            FROM orders_order o
            LEFT JOIN (SELECT order_id, sum(amount) AS gone FROM refunds_refund
                       WHERE state = 'succeeded' GROUP BY order_id) r ON r.order_id = o.id
            WHERE o.refunded_total <> coalesce(r.gone, 0)
            UNION ALL
            SELECT 'order', o.id, o.number,
                   format('taken back %s, refunds from outside say %s',
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
        advice=(
            "Restate the payment from its refunds. If more went back than came, settle it "
            "with the provider."
        ),
        query="""
            SELECT 'payment', order_id, reference,
                   format('captured %s, committed %s, refunded %s', captured,
                          refund_committed, refunded)
            FROM payments_payment
            WHERE NOT (0 <= refunded AND refunded <= refund_committed
                       AND refund_committed <= captured)
            UNION ALL
            SELECT 'payment', p.order_id, p.reference,
                   format('committed %s, refunds say %s; refunded %s, refunds say %s',
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
        advice=(
            "A refund's parts are fixed when it is asked for: somebody changed the "
            "database. Compare with its credit note and with a backup."
        ),
        query="""
            SELECT 'refund', r.id, r.number, format('%s, and its parts make %s', r.amount,
                                    r.shipping + r.goodwill + coalesce(i.amount, 0))
            FROM refunds_refund r
            LEFT JOIN (SELECT refund_id, sum(amount) AS amount FROM refunds_refundline
                       GROUP BY refund_id) i ON i.refund_id = r.id
            WHERE r.amount <> r.shipping + r.goodwill + coalesce(i.amount, 0)""",
    ),
)
