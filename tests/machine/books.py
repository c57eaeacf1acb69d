"""What should be in the shop: counted by hand, in plain Python, beside the shop's own services."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.machine.money import Payment, Refund

SHIPPING = Decimal("500.00")
PRICES = {"SHIRT": Decimal("2000.00"), "CAP": Decimal("1000.00"), "MUG": Decimal("500.00")}
COUPONS = {"TEN": (Decimal("0.10"), 2), "GIFT": (Decimal("1.00"), 2)}  # share, limit of uses
ON_DELIVERY = {"cash_on_delivery", "pay_at_pickup"}
PAYMENT_EXPIRY = timedelta(minutes=60)
RETURN_WINDOW = timedelta(days=14)
APPROVAL_LASTS = timedelta(days=30)

IN_THE_HOUSE = {"packing", "ready"}
ON_THE_WAY = {"dispatched", "in_transit"}


@dataclass
class Line:
    """One article of an order. ``unit`` is what one unit of it costs, its discount taken off."""

    sku: str
    quantity: int
    unit: Decimal
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    arrivals: list[datetime] = field(default_factory=list)  # one per unit

    @property
    def counts(self):
        return (self.quantity, self.cancelled, self.shipped, self.delivered, self.returned)

    @property
    def open(self):
        return self.quantity - self.cancelled - self.shipped

    @property
    def kept(self):
        return self.quantity - self.cancelled - self.returned


@dataclass
class Order:
    number: str
    payment_method: str
    is_pickup: bool
    coupon: str
    lines: dict[str, Line]
    expires_at: datetime | None
    status: str = "pending"
    reason: str = ""
    payments: list["Payment"] = field(default_factory=list)  # of which money came
    refunds: list["Refund"] = field(default_factory=list)
    is_fulfilled: bool = False
    accepted: Decimal = Decimal(0)  # what may be missing of it, and it leaves all the same
    parcels: list["Parcel"] = field(default_factory=list)
    returns: list["Return"] = field(default_factory=list)

    @property
    def shipping(self):
        return Decimal(0) if self.is_pickup else SHIPPING

    @property
    def total(self):
        return sum(line.unit * line.quantity for line in self.lines.values()) + self.shipping

    @property
    def captured(self):
        return sum((one.captured for one in self.payments), Decimal(0))

    @property
    def refunded(self):
        return sum((one.gone for one in self.payments), Decimal(0))

    @property
    def taken_back(self):
        """What left and the shop had not agreed to."""
        outside = [one.amount for one in self.refunds if one.is_from_outside]
        return sum(outside, Decimal(0))

    @property
    def paid(self):
        """What came and was not taken back."""
        return self.captured - self.taken_back

    @property
    def has_money(self):
        return any(one.left for one in self.payments)

    @property
    def due(self):
        return max(Decimal(0), self.total - self.paid)

    @property
    def owed(self):
        """What had to come for what the customer kept, and for what was given back of the rest."""
        if not any(line.kept for line in self.lines.values()):
            return Decimal(0)
        return self.shipping + sum(self._had_to_come(line) for line in self.lines.values())

    def _had_to_come(self, line):
        others = line.unit * (line.quantity - line.kept)
        promised = [one.money[line.sku] for one in self.refunds if one.is_promised]
        return line.unit * line.kept + min(sum(promised, Decimal(0)), others)

    @property
    def missing(self):
        """What has to come again before its goods may leave."""
        if self.status != "confirmed" or self.payment_method in ON_DELIVERY:
            return Decimal(0)
        return max(Decimal(0), self.owed - self.paid)

    @property
    def is_held(self):
        return self.missing > self.accepted

    @property
    def waits_for_money(self):
        return self.status != "cancelled" and self.due > 0

    @property
    def is_pending(self):
        return self.status == "pending"

    @property
    def waits_for_confirmation(self):
        return self.status == "pending" and self.payment_method in ON_DELIVERY

    @property
    def can_be_reopened(self):
        stays = sum((one.left for one in self.payments), Decimal(0))
        return self.reason == "expired" and stays >= self.total

    @property
    def can_be_cancelled(self):
        return (
            self.status != "cancelled" and self.captured == self.refunded and not self.has_shipped
        )

    @property
    def can_expire(self):
        is_unpaid = self.captured == self.refunded
        return self.status == "pending" and is_unpaid and self.expires_at is not None

    @property
    def can_be_packed(self):
        return self.status == "confirmed" and bool(self.to_pack)

    @property
    def can_be_returned(self):
        return any(self.returnable(sku) for sku in self.lines)

    @property
    def has_shipped(self):
        return any(line.shipped for line in self.lines.values())

    @property
    def packed(self):
        """Units in parcels that have not left, by article."""
        inside = Counter()
        for parcel in self.parcels:
            if parcel.state in IN_THE_HOUSE:
                inside.update(parcel.inside)
        return inside

    @property
    def to_pack(self):
        packed = self.packed
        return {
            sku: line.open - packed[sku]
            for sku, line in self.lines.items()
            if line.open > packed[sku]
        }

    def claims(self, sku):
        """The returns that take units of an article, with how many."""
        return [(one, one.claimed(sku)) for one in self.returns if one.claimed(sku)]

    def returnable(self, sku):
        return self.lines[sku].delivered - sum(units for _, units in self.claims(sku))

    def end_if_nothing_is_left(self):
        if any(line.open for line in self.lines.values()):
            return
        if any(parcel.state in ON_THE_WAY for parcel in self.parcels):
            return
        self.is_fulfilled = True
        self.complete_if_paid()

    def complete_if_paid(self):
        if (
            self.status == "confirmed"
            and self.is_fulfilled
            and (not self.due or self.paid >= self.owed)
        ):
            self.status = "completed"

    def capture(self, payment):
        self.payments.append(payment)
        if self.status == "pending" and self.paid >= self.total:
            self.confirm()
        else:
            self.complete_if_paid()

    def confirm(self):
        self.status, self.reason, self.expires_at = "confirmed", "", None

    def is_overdue(self, at):
        return self.can_expire and self.expires_at <= at


@dataclass
class Parcel:
    number: str
    order: Order
    inside: dict[str, int]
    state: str = "packing"
    carrier: str = ""

    @property
    def is_being_packed(self):
        return self.state == "packing"

    @property
    def is_held(self):
        return self.state in IN_THE_HOUSE and self.order.is_held

    @property
    def is_live(self):
        return self.state in IN_THE_HOUSE | ON_THE_WAY


@dataclass
class Return:
    """``asked``, ``agreed``, ``came`` and ``shelved`` are units by article."""

    number: str
    order: Order
    is_customers: bool
    asked_at: datetime
    asked: dict[str, int]
    state: str = "requested"
    version: int = 1
    expires_at: datetime | None = None
    agreed: Counter = field(default_factory=Counter)
    came: Counter = field(default_factory=Counter)
    shelved: Counter = field(default_factory=Counter)
    receipts: dict[int, Counter] = field(default_factory=dict)  # by the version that was seen

    @property
    def next_step(self):
        if self.state == "requested":
            return "approved"
        return "receiving" if any(self.awaited(sku) for sku in self.asked) else "closed"

    @property
    def is_live(self):
        return self.state in {"requested", "approved", "receiving"}

    def claimed(self, sku):
        match self.state:
            case "requested":
                return self.asked.get(sku, 0)
            case "approved" | "receiving":
                return self.agreed[sku]
            case "closed":
                return self.came[sku]
        return 0

    def counts(self, sku):
        return self.agreed[sku], self.came[sku], self.shelved[sku]

    def awaited(self, sku):
        return self.agreed[sku] - self.came[sku]

    def turn(self, state):
        self.state = state
        self.version += 1

    @property
    def can_expire(self):
        return self.state == "approved"

    def is_overdue(self, at):
        return self.can_expire and self.expires_at <= at


class Books:
    def __init__(self):
        self.on_hand, self.reserved = Counter(), Counter()
        self.orders, self.parcels, self.returns, self.payments = [], [], [], []
        self.counts, self.references, self.refunds = [], [], []
        self.given_back = Counter()  # by person and day
        self.begun = self.taken = self.transfers = 0

    @property
    def shipped(self):
        return [order for order in self.orders if order.has_shipped]

    @property
    def captured(self):
        """Payments that were made online, at the provider that may take them back."""
        return [one for one in self.payments if not one.is_open]

    def available(self, sku):
        return self.on_hand[sku] - self.reserved[sku]

    def uses(self, coupon):
        return sum(one.coupon == coupon and one.status != "cancelled" for one in self.orders)

    def is_used_up(self, coupon):
        return bool(coupon) and self.uses(coupon) >= COUPONS[coupon][1]

    def take_in(self, order):
        self.orders.append(order)
        self.hold(order)

    def hold(self, order):
        self.reserved.update({sku: line.open for sku, line in order.lines.items()})

    def cancel(self, order, reason):
        for sku, line in order.lines.items():
            self.reserved[sku] -= line.open
            line.cancelled = line.quantity
        for parcel in order.parcels:
            parcel.state = "cancelled"
        order.status, order.reason, order.expires_at = "cancelled", reason, None

    def snapshot(self):
        """All of it, to be compared with the database."""
        return {
            "levels": {sku: (self.on_hand[sku], self.reserved[sku]) for sku in PRICES},
            "sold out": sorted(sku for sku in PRICES if not self.available(sku)),
            "coupons": {code: self.uses(code) for code in COUPONS},
            "orders": {
                o.number: (o.status, o.reason, o.total, o.captured, o.refunded, o.taken_back)
                for o in self.orders
            },
            "payments": {
                one.reference: one.figures
                for one in [*self.payments, *(p for o in self.orders for p in o.payments)]
            },
            "refunds": {
                one.number: (one.state, one.amount, one.shipping, one.goodwill)
                for one in self.refunds
            },
            "given back": {who: used for who, used in self.given_back.items() if used},
            "accepted": {order.number: order.accepted for order in self.orders if order.accepted},
            "fulfilled": sorted(order.number for order in self.orders if order.is_fulfilled),
            "lines": {
                (order.number, sku): line.counts
                for order in self.orders
                for sku, line in order.lines.items()
            },
            "parcels": {
                (parcel.number, sku): (parcel.state, units)
                for parcel in self.parcels
                for sku, units in parcel.inside.items()
            },
            "returns": {
                (r.number, sku): (r.state, r.version, units, *r.counts(sku))
                for r in self.returns
                for sku, units in r.asked.items()
            },
        }
