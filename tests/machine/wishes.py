"""What somebody wants to give back of an order, and what of it may be given."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from refunds.services import RefundWish, WantedLine
from refunds.states import RefundReason, Restock
from tests.machine.books import Order
from tests.machine.money import NOTHING, Refund, half_of

SOME_GOODWILL = Decimal(150)


class Refundable:
    """What of an order may still be refunded, by what stands of its refunds."""

    def __init__(self, order):
        self.order = order
        self.standing = [one for one in order.refunds if one.is_promised]

    def units(self, sku, *restocks):
        found = [one.units[sku, kind] for one in self.standing for kind in restocks]
        return sum(found)

    def money(self, sku):
        return sum((one.money[sku] for one in self.standing), NOTHING)

    def possible(self, sku, restock):
        """How many units may be refunded as cancelled, returned or kept."""
        line = self.order.lines[sku]
        cancelled = self.units(sku, "cancel")
        returned = self.units(sku, "return")
        kept = self.units(sku, "none")
        free = {
            "cancel": line.cancelled - cancelled + line.open - self.order.packed[sku],
            "return": min(line.returned - returned, line.shipped - returned - kept),
            "none": line.shipped - line.returned - kept,
        }[restock]
        return max(0, min(free, line.quantity - cancelled - returned - kept))

    def cost(self, sku, units):
        """What so many more cost, with what is owed for those before."""
        line = self.order.lines[sku]
        so_far = self.units(sku, "cancel", "return", "none")
        return max(NOTHING, line.unit * (so_far + units) - self.money(sku))

    @property
    def left(self):
        return sum((one.left for one in self.order.payments), NOTHING)

    @property
    def shipping(self):
        return self.order.shipping - sum((one.shipping for one in self.standing), NOTHING)

    @property
    def overpaid(self):
        """What pays for nothing that could still go back for goods or shipping.

        That is all of it where an order was cancelled and less is here than its goods cost.
        """
        lines = self.order.lines.values()
        left = [line.unit * line.quantity - self.money(line.sku) for line in lines]
        accounted = sum(left, self.shipping)
        if self.order.status == "cancelled" and self.left < accounted:
            return self.left
        return max(NOTHING, self.left - accounted)


@dataclass
class Wish:
    """Units by (article, what became of them), shipping and goodwill."""

    order: Order
    seen: Refundable
    units: Counter = field(default_factory=Counter)
    shipping: Decimal = NOTHING
    goodwill: Decimal = NOTHING

    @property
    def money(self):
        """What the units cost, by article."""
        return Counter({sku: self.seen.cost(sku, n) for (sku, _), n in self.units.items()})

    @property
    def amount(self):
        return sum(self.money.values(), self.shipping + self.goodwill)

    def sent(self, *, by_hand):
        """The wish as the services take it."""
        return RefundWish(
            lines=[
                WantedLine(sku=sku, quantity=quantity, restock=Restock(restock))
                for (sku, restock), quantity in self.units.items()
            ],
            shipping=self.shipping,
            goodwill=self.goodwill,
            reason=RefundReason.OTHER,
            by_hand=by_hand,
        )

    def parts(self, asker):
        """The refunds that it becomes: its money is taken from the payments, the newest first."""
        with_money = [one for one in self.order.payments if one.left > 0]
        newest = sorted(with_money, key=lambda one: (one.captured_at, one.place), reverse=True)
        parts = [Refund(self.order, payment, asker=asker) for payment in newest]
        for (sku, restock), quantity in self.units.items():
            taken = _take(parts, self.money[sku])
            for part, money in taken:
                part.money[sku] += money
            (taken[-1][0] if taken else parts[0]).units[sku, restock] += quantity
        for part, money in _take(parts, self.shipping):
            part.shipping += money
        for part, money in _take(parts, self.goodwill):
            part.goodwill += money
        plan = [part for part in parts if part.amount or part.units]
        for part in plan:
            part.plan = plan
        return plan


def _take(parts, wanted):
    """Which part gives how much of it, one after the other, as far as their payments go."""
    taken = []
    for part in parts:
        money = min(wanted, part.payment.left - part.amount)
        if money:
            taken.append((part, money))
            wanted -= money
    return taken


def wish_for(order, what, portion):
    """One wish of a kind, for one unit, for all or for too much; fitting: for whatever there is."""
    seen = Refundable(order)
    shipping = max(NOTHING, min(seen.shipping, seen.left))
    if what == "shipping":
        parts = {"one": half_of(shipping), "all": shipping, "too much": seen.shipping + 1}
        return Wish(order, seen, shipping=parts[portion])
    if what == "goodwill":
        parts = {"one": SOME_GOODWILL, "all": seen.overpaid, "too much": seen.left + 1}
        return Wish(order, seen, goodwill=parts[portion])
    if what == "everything":
        free = Counter({(sku, "cancel"): seen.possible(sku, "cancel") for sku in order.lines})
        return Wish(order, seen, units=+free, shipping=shipping)
    if what == "fitting":
        found = [
            one
            for one in ("return", "none", "cancel")
            for sku in order.lines
            if seen.possible(sku, one)
        ]
        what = found[0] if found else "cancel"
    possible = {sku: seen.possible(sku, what) for sku in order.lines}
    sku = next((sku for sku, units in possible.items() if units), next(iter(possible)))
    units = {"one": 1, "all": possible[sku], "too much": possible[sku] + 1}
    return Wish(order, seen, units=Counter({(sku, what): units[portion]}))
