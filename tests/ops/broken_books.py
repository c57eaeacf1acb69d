"""The ways in which books can be wrong, each to be planted and found."""

from collections.abc import Sequence
from dataclasses import dataclass

TOTAL = "order_total_is_items_less_discount_plus_shipping_plus_added_tax"
REFUNDS = "payment_refunds_never_exceed_what_was_captured"
CONFIRMED = "order_is_confirmed_only_when_paid_or_paid_on_delivery"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Statements that break something, past the CHECK in their way; which invariants notice; and
    what one of them says. Words in braces are the shop's orders and stock items."""

    statements: Sequence[str]
    noticed_by: set[int]
    said: str
    check: tuple[str, str] | None = None


PLANTED = {
    "more on hand than moved": Broken(
        statements=[
            """
            UPDATE stock_stockitem
            SET on_hand = on_hand + 1
            WHERE id = {shirt}
            """,
        ],
        noticed_by={1},
        said=("SHIRT: on hand 101, movements say 100; reserved 7, movements say 7"),
    ),
    "more reserved than moved": Broken(
        statements=[
            """
            UPDATE stock_stockitem
            SET reserved = reserved + 1
            WHERE id = {shirt}
            """,
        ],
        noticed_by={1, 3},
        said=("SHIRT: reserved 8, orders hold 7"),
    ),
    "a level without movements": Broken(
        statements=[
            """
            DELETE FROM stock_stockmovement
            WHERE item_id = {mug}
            """,
        ],
        noticed_by={1, 2},
        said=("MUG: on hand 5, movements say 0; reserved 0, movements say 0"),
    ),
    "a gap in the ledger": Broken(
        statements=[
            """
            UPDATE stock_stockmovement
            SET seq = seq + 1
            WHERE item_id = {shirt} AND seq = (SELECT max(seq) FROM stock_stockmovement WHERE item_id = {shirt})
            """,
        ],
        noticed_by={2},
        said=("SHIRT: movement 13 follows 11"),
    ),
    "a ledger that begins late": Broken(
        statements=[
            """
            UPDATE stock_stockmovement
            SET seq = 2
            WHERE item_id = {mug}
            """,
            """
            UPDATE stock_stockitem
            SET last_seq = 2
            WHERE id = {mug}
            """,
        ],
        noticed_by={2},
        said=("MUG: movement 2 follows 0"),
    ),
    "a movement that does not continue": Broken(
        statements=[
            """
            UPDATE stock_stockmovement
            SET on_hand_after = 7
            WHERE item_id = {shirt} AND seq = (SELECT max(seq) FROM stock_stockmovement WHERE item_id = {shirt})
            """,
        ],
        noticed_by={2},
        said=("SHIRT: movement 12 follows 11"),
    ),
    "reserved units that do not continue": Broken(
        statements=[
            """
            UPDATE stock_stockmovement
            SET reserved_after = 9
            WHERE item_id = {shirt} AND seq = (SELECT max(seq) FROM stock_stockmovement WHERE item_id = {shirt})
            """,
        ],
        noticed_by={2},
        said=("SHIRT: movement 12 follows 11"),
    ),
    "a ledger cut off at its end": Broken(
        statements=[
            """
            UPDATE stock_stockitem
            SET last_seq = last_seq + 1
            WHERE id = {mug}
            """,
        ],
        noticed_by={2},
        said=("MUG: the last movement is 1, the level says 2"),
    ),
    "an order that holds less than is reserved": Broken(
        statements=[
            """
            UPDATE orders_orderline
            SET qty_cancelled = 1
            WHERE order_id = (SELECT id FROM orders_order WHERE number = '{pending}')
            """,
        ],
        noticed_by={3},
        said=("SHIRT: reserved 7, orders hold 6"),
    ),
    "an order for what has no stock": Broken(
        statements=[
            """
            UPDATE orders_orderline
            SET variant_id = (SELECT id FROM catalog_variant
            WHERE sku = 'RARE') WHERE order_id = (SELECT id FROM orders_order WHERE number = '{pending}')
            """,
        ],
        noticed_by={3},
        said=("RARE: reserved 0, orders hold 1"),
    ),
    "a total that is not its parts": Broken(
        statements=[
            """
            UPDATE orders_order
            SET total = total + 1
            WHERE number = '{pending}'
            """,
        ],
        noticed_by={4},
        check=("orders_order", TOTAL),
        said=("{pending}: total 1501.00"),
    ),
    "a total without the tax on top": Broken(
        statements=[
            """
            UPDATE orders_order
            SET tax_total = 75, prices_include_tax = false
            WHERE number = '{pending}'
            """,
            """
            UPDATE orders_orderline
            SET tax = 75
            WHERE order_id = (SELECT id FROM orders_order WHERE number = '{pending}')
            """,
        ],
        noticed_by={4},
        check=("orders_order", TOTAL),
        said=("{pending}: total 1500.00"),
    ),
    "items that are not the lines": Broken(
        statements=[
            """
            UPDATE orders_order
            SET items_total = items_total + 1, total = total + 1
            WHERE number = '{pending}'
            """,
        ],
        noticed_by={5},
        said=(
            "{pending}: items 1501.00, lines say 1500.00; discount 0.00, lines say 0.00; tax 0.00, lines say 0.00"
        ),
    ),
    "a discount that is not the lines'": Broken(
        statements=[
            """
            UPDATE orders_order
            SET discount_total = 1, total = total - 1
            WHERE number = '{pending}'
            """,
        ],
        noticed_by={5},
        said=(
            "{pending}: items 1500.00, lines say 1500.00; discount 1.00, lines say 0.00; tax 0.00, lines say 0.00"
        ),
    ),
    "a tax that is not the lines'": Broken(
        statements=[
            """
            UPDATE orders_order
            SET tax_total = 1
            WHERE number = '{pending}'
            """,
        ],
        noticed_by={5},
        said=(
            "{pending}: items 1500.00, lines say 1500.00; discount 0.00, lines say 0.00; tax 1.00, lines say 0.00"
        ),
    ),
    "an order without lines": Broken(
        statements=[
            """
            DELETE FROM orders_orderline
            WHERE order_id = (SELECT id FROM orders_order
            WHERE number = '{cancelled}')
            """,
        ],
        noticed_by={5},
        said=(
            "{cancelled}: items 1500.00, lines say ; discount 0.00, lines say ; tax 0.00, lines say "
        ),
    ),
    "more money than was paid": Broken(
        statements=[
            """
            UPDATE orders_order
            SET captured_total = captured_total + 1
            WHERE number = '{paid}'
            """,
        ],
        noticed_by={6},
        said=("{paid}: captured 1501.00, payments say 1500.00; refunded 0.00, payments say 0.00"),
    ),
    "money without a payment": Broken(
        statements=[
            """
            DELETE FROM payments_payment
            WHERE order_id = (SELECT id FROM orders_order
            WHERE number = '{partly_paid}')
            """,
        ],
        noticed_by={6},
        said=("{partly_paid}: captured 1.00, payments say 0; refunded 0.00, payments say 0"),
    ),
    "a refund that no payment shows": Broken(
        statements=[
            """
            UPDATE orders_order
            SET refunded_total = 1
            WHERE number = '{paid}'
            """,
        ],
        noticed_by={6},
        said=("{paid}: captured 1500.00, payments say 1500.00; refunded 1.00, payments say 0.00"),
    ),
    "more promised back than was paid": Broken(
        statements=[
            """
            UPDATE payments_payment
            SET refund_committed = 1501
            WHERE reference = 'paid'
            """,
        ],
        noticed_by={7},
        check=("payments_payment", REFUNDS),
        said=("paid: captured 1500.00, committed 1501.00, refunded 0.00"),
    ),
    "more paid back than was promised": Broken(
        statements=[
            """
            UPDATE payments_payment
            SET refunded = 1
            WHERE reference = 'paid'
            """,
            """
            UPDATE orders_order
            SET refunded_total = 1
            WHERE number = '{paid}'
            """,
        ],
        noticed_by={7},
        check=("payments_payment", REFUNDS),
        said=("paid: captured 1500.00, committed 0.00, refunded 1.00"),
    ),
    "a cancelled order that holds stock": Broken(
        statements=[
            """
            UPDATE orders_orderline
            SET qty_cancelled = 0
            WHERE order_id = (SELECT id FROM orders_order WHERE number = '{cancelled}')
            """,
        ],
        noticed_by={11, 3},
        said=("{cancelled}: cancelled, and still holds stock"),
    ),
    "a confirmed order that is not paid": Broken(
        statements=[
            """
            UPDATE orders_order
            SET captured_total = 1499
            WHERE number = '{paid}'
            """,
            """
            UPDATE payments_payment
            SET captured = 1499
            WHERE reference = 'paid'
            """,
        ],
        noticed_by={11},
        check=("orders_order", CONFIRMED),
        said=("{paid}: confirmed with 1499.00 of 1500.00"),
    ),
    "a coupon counted too often": Broken(
        statements=[
            """
            UPDATE pricing_coupon
            SET used_count = used_count + 1
            WHERE code = 'HALF'
            """,
        ],
        noticed_by={12},
        said=("HALF: count 2, orders 1"),
    ),
    "a coupon of an order not counted": Broken(
        statements=[
            """
            UPDATE orders_order
            SET coupon_id = (SELECT id FROM pricing_coupon
            WHERE code = 'FREE') WHERE number = '{pending}'
            """,
        ],
        noticed_by={12},
        said=("FREE: count 1, orders 2"),
    ),
}
