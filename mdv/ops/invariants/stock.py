"""What must always be true of stock."""

from mdv.ops.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        number=1,
        sentence="Stock equals the sum of its movements.",
        advice=(
            "Count it on the shelf and put the level right: a movement brings level and "
            "ledger together."
        ),
        query="""
            SELECT 'stock', i.id, v.sku,
                   format('on hand %s, movements say %s; reserved %s, movements say %s',
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
        advice=(
            "A level that points past its ledger is put right by counting. A ledger that "
            "does not continue was changed outside the shop: ask who runs the database, "
            "and compare with a backup."
        ),
        query="""
            SELECT 'ledger', i.id, v.sku,
                   format('movement %s follows %s', m.seq, coalesce(m.before, 0))
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
            SELECT 'stock', i.id, v.sku,
                   format('the last movement is %s, the level says %s', m.last, i.last_seq)
            FROM stock_stockitem i
            JOIN catalog_variant v ON v.id = i.variant_id,
            LATERAL (SELECT coalesce(max(seq), 0) AS last
                     FROM stock_stockmovement WHERE item_id = i.id) m
            WHERE i.last_seq <> m.last""",
    ),
    Invariant(
        number=3,
        sentence="What is reserved is what open orders hold.",
        advice=(
            "Look first whether order lines differ from their parcels. Then count it and "
            "put the level right."
        ),
        query="""
            SELECT CASE WHEN i.id IS NULL THEN 'variant' ELSE 'stock' END, coalesce(i.id, v.id),
                   v.sku, format('reserved %s, orders hold %s', coalesce(i.reserved, 0),
                          coalesce(held.units, 0))
            FROM catalog_variant v
            LEFT JOIN stock_stockitem i ON i.variant_id = v.id
            LEFT JOIN (SELECT variant_id, sum(quantity - qty_cancelled - qty_shipped) AS units
                       FROM orders_orderline GROUP BY variant_id) held ON held.variant_id = v.id
            WHERE coalesce(i.reserved, 0) <> coalesce(held.units, 0)""",
    ),
)
