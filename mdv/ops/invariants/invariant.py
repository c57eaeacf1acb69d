"""One thing that must always be true of the books, as a query that returns no rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is when it is not true: the books are wrong, or something waits for too long."""

    RED = "red"
    AMBER = "amber"


class About(StrEnum):
    """What a row is about; its id is that of the object whose page tells more of it.

    That is the order of a payment, an invoice or an event, and of `refunds` and `goods`: what was
    given back for it, and what was packed or is to come back of it. `receipts` are a return's.
    `ledger` is the history of a stock item, `variant` one that has no stock item. `numbers` are
    those of papers, which have no page. `entry` is one of the trail.
    """

    STOCK = "stock"
    LEDGER = "ledger"
    VARIANT = "variant"
    ORDER = "order"
    PAYMENT = "payment"
    REFUND = "refund"
    REFUNDS = "refunds"
    GOODS = "goods"
    RETURN = "return"
    RECEIPTS = "receipts"
    PARCEL = "parcel"
    COUPON = "coupon"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    NUMBERS = "numbers"
    EVENT = "event"
    ENTRY = "entry"


class Row(NamedTuple):
    """One thing that is wrong: what it is about, the id for its page, its name, what is wrong."""

    about: str
    object_id: int | None
    what: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """`query` selects the columns of :class:`Row`; `advice` says what can be done about them.

    A query asks for the moment of the check by `current_setting('mdv.books_at')`.
    """

    number: int
    sentence: str
    advice: str
    query: str
    level: Level = Level.RED
