"""What can be put right in the little shop, and what doing it changes."""

from dataclasses import dataclass, field

from mdv.ops.invariants import About

LEVEL = {"stock_stockitem"}
LEDGER = LEVEL | {"stock_stockmovement"}
ORDER = {"orders_order"}
LINES = {"orders_orderline"} | ORDER
MONEY = {"payments_payment"} | ORDER
NUMBERS = {"sequence_sequence"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is planted; with which invariant about what it is found; what putting it right does.

    `about` has the word and the name in the little shop; `left` are invariants that stay red.
    """

    planted: str
    invariant: int
    about: tuple[About, str]
    counted: int | None = None
    says: list[tuple[str, str, str]]
    tables: set[str]
    left: set[int] = field(default_factory=set)


CASES = {
    "a level that a count confirms the ledger of": Case(
        planted="more on hand than moved",
        invariant=1,
        about=(About.STOCK, "shirt"),
        counted=100,
        says=[("On hand", "101", "100")],
        tables=LEVEL,
    ),
    "a level and a ledger that a count refutes": Case(
        planted="more on hand than moved",
        invariant=1,
        about=(About.STOCK, "shirt"),
        counted=98,
        says=[
            ("On hand", "101", "98"),
            ("On hand in the ledger", "100", "98"),
            ("Last movement", "{last}", "{next}"),
        ],
        tables=LEDGER,
    ),
    "a ledger that is gone": Case(
        planted="a level without movements",
        invariant=1,
        about=(About.STOCK, "mug"),
        counted=5,
        says=[("On hand in the ledger", "0", "5")],
        tables={"stock_stockmovement"},
    ),
    "a level that points past its ledger": Case(
        planted="a ledger cut off at its end",
        invariant=2,
        about=(About.STOCK, "mug"),
        counted=5,
        says=[("Last movement", "2", "1")],
        tables=LEVEL,
    ),
    "more reserved than orders hold": Case(
        planted="an order that holds less than is reserved",
        invariant=3,
        about=(About.STOCK, "shirt"),
        counted=100,
        says=[
            ("Held by orders", "7", "6"),
            ("Held in the ledger", "7", "6"),
            ("Last movement", "{last}", "{next}"),
        ],
        tables=LEDGER,
    ),
    "no stock item at all": Case(
        planted="stock held without a stock item",
        invariant=3,
        about=(About.VARIANT, "shirt_variant"),
        counted=100,
        says=[
            ("On hand", "0", "100"),
            ("On hand in the ledger", "0", "100"),
            ("Held by orders", "0", "7"),
            ("Held in the ledger", "0", "7"),
            ("Last movement", "0", "2"),
        ],
        tables=LEDGER,
    ),
    "more captured than was paid": Case(
        planted="more money than was paid",
        invariant=6,
        about=(About.ORDER, "paid_id"),
        says=[("{paid}: captured", "1501.00", "1500.00")],
        tables=ORDER,
    ),
    "refunded without a refund": Case(
        planted="a refund that no payment shows",
        invariant=6,
        about=(About.ORDER, "paid_id"),
        says=[("{paid}: refunded", "1.00", "0.00")],
        tables=ORDER,
    ),
    "promised without a refund": Case(
        planted="a promise that is no refund",
        invariant=7,
        about=(About.PAYMENT, "paid_id"),
        says=[("Payment paid: promised back", "1.00", "0.00")],
        tables=MONEY,
    ),
    "paid back above what was promised": Case(
        planted="more paid back than was promised",
        invariant=7,
        about=(About.PAYMENT, "paid_id"),
        says=[("Payment paid: refunded", "1.00", "0.00"), ("{paid}: refunded", "1.00", "0.00")],
        tables=MONEY,
    ),
    "a line that shows a refund that is none": Case(
        planted="an order line that shows no such refund",
        invariant=9,
        about=(About.ORDER, "paid_id"),
        says=[("SHIRT: refunded", "1.00", "0.00")],
        tables=LINES,
    ),
    "a line that shows a parcel that is none": Case(
        planted="more shipped than is in parcels",
        invariant=10,
        about=(About.ORDER, "paid_id"),
        says=[("SHIRT: shipped", "1", "0")],
        tables=LINES,
        left={1, 3},  # the level was edited as well
    ),
    "a parcel that arrived": Case(
        planted="a parcel that arrived unseen",
        invariant=10,
        about=(About.ORDER, "on_its_way_id"),
        says=[("HAT: delivered", "0", "1")],
        tables=LINES,
    ),
    "goods that came back": Case(
        planted="goods that came back unseen",
        invariant=10,
        about=(About.ORDER, "sent_back_id"),
        says=[("HAT: returned", "0", "1")],
        tables=LINES,
    ),
    "a coupon counted too often": Case(
        planted="a coupon counted too often",
        invariant=12,
        about=(About.COUPON, "half"),
        says=[("Uses of HALF", "2", "1")],
        tables={"pricing_coupon"},
    ),
    "a missing invoice": Case(
        planted="a confirmed order without its invoice",
        invariant=13,
        about=(About.INVOICE, "pay_at_pickup_id"),
        says=[("Invoice", "none", "INV-{year}-000009")],
        tables={"orders_invoice"} | NUMBERS,
    ),
    "a missing credit note": Case(
        planted="money that went back without a credit note",
        invariant=13,
        about=(About.CREDIT_NOTE, "refund_id"),
        says=[("Credit note", "none", "CN-{year}-000002")],
        tables={"refunds_creditnote"} | NUMBERS,
    ),
}
