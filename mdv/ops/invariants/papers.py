"""What must always be true of invoices and credit notes."""

from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=13,
        sentence="Invoices and credit notes have no gap and no double, and none is missing.",
        advice=(
            "A paper that is missing is issued now, with the next number. A gap or a "
            "double is explained in writing and kept with the year's papers: numbers are "
            "never given again."
        ),
        query="""
            SELECT 'numbers', NULL::bigint, i.number,
                   format('number %s of %s follows %s', i.place, i.year,
                          coalesce(i.before, 0))
            FROM (SELECT number, year, place,
                         lag(place) OVER (PARTITION BY year ORDER BY place) AS before
                  FROM orders_invoice) i
            WHERE i.place <> coalesce(i.before, 0) + 1
               OR i.number <> format('INV-%s-%s', i.year,
                                     lpad(i.place::text, greatest(6, length(i.place::text)), '0'))
            UNION ALL
            SELECT 'numbers', NULL::bigint, s.kind,
                   format('%s numbers were given, the last invoice has %s', s.last,
                          coalesce(i.last, 0))
            FROM sequence_sequence s
            LEFT JOIN (SELECT 'invoice ' || year AS kind, max(place) AS last
                       FROM orders_invoice GROUP BY year) i ON i.kind = s.kind
            WHERE s.kind LIKE 'invoice %' AND s.last <> coalesce(i.last, 0)
            UNION ALL
            SELECT 'invoice', o.id, o.number, format('%s, and without an invoice', o.status)
            FROM orders_order o LEFT JOIN orders_invoice i ON i.order_id = o.id
            WHERE o.status IN ('confirmed', 'completed') AND i.id IS NULL
            UNION ALL
            SELECT 'numbers', NULL::bigint, c.number,
                   format('number %s of %s follows %s', c.place, c.year,
                          coalesce(c.before, 0))
            FROM (SELECT number, year, place,
                         lag(place) OVER (PARTITION BY year ORDER BY place) AS before
                  FROM refunds_creditnote) c
            WHERE c.place <> coalesce(c.before, 0) + 1
               OR c.number <> format('CN-%s-%s', c.year,
                                     lpad(c.place::text, greatest(6, length(c.place::text)), '0'))
            UNION ALL
            SELECT 'numbers', NULL::bigint, s.kind,
                   format('%s numbers were given, the last credit note has %s', s.last,
                          coalesce(c.last, 0))
            FROM sequence_sequence s
            LEFT JOIN (SELECT 'credit note ' || year AS kind, max(place) AS last
                       FROM refunds_creditnote GROUP BY year) c ON c.kind = s.kind
            WHERE s.kind LIKE 'credit note %' AND s.last <> coalesce(c.last, 0)
            UNION ALL
            SELECT CASE WHEN c.id IS NULL THEN 'credit_note' ELSE 'refund' END, r.id, r.number,
                   format('%s, and %s', r.state, CASE WHEN c.id IS NULL
                   THEN 'without a credit note' ELSE 'with credit note ' || c.number END)
            FROM refunds_refund r LEFT JOIN refunds_creditnote c ON c.refund_id = r.id
            WHERE (r.state = 'succeeded') <> (c.id IS NOT NULL)""",
    ),
)
