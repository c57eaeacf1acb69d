"""What must always be true of invoices and credit notes."""

from mdv.ops.invariants.invariant import Invariant


def _numbers_follow(*, table: str, prefix: str, kind: str) -> str:
    """Find papers that leave a gap, and years of which more or fewer numbers were given."""
    return f"""
            SELECT 'numbers', NULL::bigint, p.number,
                   format('number %s of %s follows %s', p.place, p.year, coalesce(p.before, 0))
            FROM (SELECT number, year, place,
                         lag(place) OVER (PARTITION BY year ORDER BY place) AS before
                  FROM {table}) p
            WHERE p.place <> coalesce(p.before, 0) + 1
               OR p.number <> format('{prefix}-%s-%s', p.year,
                                     lpad(p.place::text, greatest(6, length(p.place::text)), '0'))
            UNION ALL
            SELECT 'numbers', NULL::bigint, s.kind,
                   format('%s numbers were given, the last {kind} has %s', s.last,
                          coalesce(p.last, 0))
            FROM sequence_sequence s
            LEFT JOIN (SELECT '{kind} ' || year AS kind, max(place) AS last
                       FROM {table} GROUP BY year) p ON p.kind = s.kind
            WHERE s.kind LIKE '{kind} %' AND s.last <> coalesce(p.last, 0)"""  # noqa: S608 (constants)


INVARIANTS = (
    Invariant(
        number=13,
        sentence="Invoices and credit notes have no gap and no double, and none is missing.",
        advice=(
            "A paper that is missing is issued now, with the next number. A gap or a "
            "double is explained in writing and kept with the year's papers: numbers are "
            "never given again."
        ),
        query=f"""
            {_numbers_follow(table="orders_invoice", prefix="INV", kind="invoice")}
            UNION ALL
            SELECT 'invoice', o.id, o.number, format('%s, and without an invoice', o.status)
            FROM orders_order o LEFT JOIN orders_invoice i ON i.order_id = o.id
            WHERE o.status IN ('confirmed', 'completed') AND i.id IS NULL
            UNION ALL
            {_numbers_follow(table="refunds_creditnote", prefix="CN", kind="credit note")}
            UNION ALL
            SELECT CASE WHEN c.id IS NULL THEN 'credit_note' ELSE 'refund' END, r.id, r.number,
                   format('%s, and %s', r.state, CASE WHEN c.id IS NULL
                   THEN 'without a credit note' ELSE 'with credit note ' || c.number END)
            FROM refunds_refund r LEFT JOIN refunds_creditnote c ON c.refund_id = r.id
            WHERE (r.state = 'succeeded') <> (c.id IS NOT NULL)""",  # noqa: S608 (constants)
    ),
)
