"""Money as it should be: what came by which payment, what is promised back, and what has gone."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.machine.books import Order

NOTHING = Decimal(0)
# By role: per refund, per day, whether goodwill may be given.
LIMITS = {
    "operations": (Decimal(1500), Decimal(6000), False),
    "supervisor": (Decimal(4000), Decimal(12000), True),
    "admin": (Decimal(500000), Decimal(900000), True),
}
KOBO = Decimal("0.01")
PROMISED = {"requested", "approved", "processing", "unknown", "succeeded"}
LIMBO = {"processing", "unknown"}


def half_of(amount):
    """Half of an amount, in whole kobo; of almost nothing a kobo."""
    return max(KOBO, (amount / 2).quantize(KOBO, ROUND_DOWN))


@dataclass
class Payment:
    """One payment; those by hand have no number at the provider."""

    reference: str
    order: "Order"
    due: Decimal
    fact: int = 0  # the provider's number of it
    captured: Decimal | None = None
    captured_at: datetime | None = None
    place: int = 0  # in the order in which payments were begun

    @property
    def is_open(self):
        return self.captured is None

    @property
    def is_late(self):
        return self.is_open and self.order.status == "cancelled"

    @property
    def is_by_hand(self):
        return not self.fact

    @property
    def refunds(self):
        return [one for one in self.order.refunds if one.payment is self]

    @property
    def promised(self):
        return sum((one.amount for one in self.refunds if one.is_promised), NOTHING)

    @property
    def gone(self):
        return sum((one.amount for one in self.refunds if one.state == "succeeded"), NOTHING)

    @property
    def left(self):
        return (self.captured or NOTHING) - self.promised

    @property
    def figures(self):
        return (self.captured or NOTHING, self.promised, self.gone)


@dataclass
class Refund:
    """Money of one payment that goes back: for ``units`` by article and what became of them."""

    order: "Order"
    payment: Payment
    units: Counter = field(default_factory=Counter)  # by (article, restock)
    money: Counter = field(default_factory=Counter)  # by article
    shipping: Decimal = NOTHING
    goodwill: Decimal = NOTHING
    asker: str = ""
    number: str = ""
    state: str = "requested"
    is_by_hand: bool = False
    is_from_outside: bool = False
    needs_another: bool = False
    approver: str = ""
    approved_on: object = None
    asked_at: datetime | None = None
    plan: list["Refund"] = field(default_factory=list)  # asked for with it, itself among them
    bank_reference: str = ""

    @property
    def amount(self):
        return sum(self.money.values(), self.shipping + self.goodwill)

    @property
    def is_promised(self):
        return self.state in PROMISED

    @property
    def waits_for_somebody(self):
        return self.state in {"requested", "approved"}

    @property
    def waits_for_provider(self):
        return self.state == "approved" and not self.is_by_hand

    @property
    def waits_for_transfer(self):
        return self.state == "approved" and self.is_by_hand

    @property
    def is_in_limbo(self):
        return self.state in LIMBO

    @property
    def has_failed(self):
        return self.state == "failed"
