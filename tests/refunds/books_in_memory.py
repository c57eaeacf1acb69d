"""An order and its refunds without a database: the same planning, and any number of mishaps."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

from mdv.kernel.clock import now
from mdv.kernel.money import ZERO, allocate
from refunds.services.compose_plan import compose_plan
from refunds.services.refund_limits import Ceilings
from refunds.services.refund_plan import RefundWish, WantedLine
from refunds.services.refundable import Refundable, RefundableLine
from refunds.states import RefundReason, Restock
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment

NO_LIMIT = Decimal("999999999999.99")
# What was paid too much goes back without the right to goodwill.
CEILINGS = Ceilings(max_per_refund=NO_LIMIT, max_per_day=NO_LIMIT, may_goodwill=False)
ANYBODY = SimpleNamespace(pk=1, has_perm=lambda _: True)


@dataclass(frozen=True)
class Fate:
    """What became of a line's units."""

    cancelled: int
    returned: int
    kept: int

    @property
    def quantity(self):
        return self.cancelled + self.returned + self.kept


@dataclass
class Books:
    """A paid order, what became of its units, and the parts of refunds that stand or failed."""

    fates: list
    price: object
    payments: list
    standing: list = field(default_factory=list)
    failed: list = field(default_factory=list)

    @classmethod
    def of(cls, fates, price, weights, paid_too_much=ZERO):
        paid = price.total + paid_too_much
        captured = [amount for amount in allocate(paid, weights) if amount]
        payments = [
            Payment(pk=place, captured=amount, captured_at=now(), provider="paystack")
            for place, amount in enumerate(captured, 1)
        ]
        return cls(fates=fates, price=price, payments=payments)

    def refundable(self):
        total = sum((part.shipping for part in self.standing), ZERO)
        return Refundable(
            order=Order(number="M-1", currency="NGN", captured_total=self.captured),
            payments=self.payments,
            lines=[self.line(place) for place in range(len(self.price.lines))],
            shipping_left=self.price.shipping_total - total,
        )

    def line(self, place):
        priced, fate = self.price.lines[place], self.fates[place]
        pieces = [
            piece for part in self.standing for piece in part.lines if piece.order_line_id == place
        ]
        units = Counter()
        for piece in pieces:
            units[piece.restock] += piece.quantity
        return RefundableLine(
            line=OrderLine(
                pk=place,
                sku=f"SKU-{place}",
                title="",
                quantity=fate.quantity,
                qty_cancelled=fate.cancelled,
                qty_shipped=fate.returned + fate.kept,
                qty_returned=fate.returned,
                total=priced.total,
                tax=priced.tax,
            ),
            units=units.total(),
            cancelled_units=units[Restock.CANCEL],
            returned_units=units[Restock.RETURN],
            amount=sum((piece.amount for piece in pieces), ZERO),
            cost=sum((piece.amount + piece.withheld for piece in pieces), ZERO),
            tax=sum((piece.tax for piece in pieces), ZERO),
            packed=0,
            came_back=fate.returned - units[Restock.RETURN],
        )

    def refund(self, units, shipping=ZERO, goodwill=ZERO, fails=()):
        """Refund (place, quantity, restock), and let those parts fail."""
        wish = RefundWish(
            lines=[
                WantedLine(sku=f"SKU-{place}", quantity=quantity, restock=restock)
                for place, quantity, restock in units
            ],
            shipping=shipping,
            goodwill=goodwill,
            reason=RefundReason.OTHER,
        )
        plan = compose_plan(
            self.refundable(), wish, person=ANYBODY, ceilings=CEILINGS, used=Decimal(0)
        )
        assert plan.amount == sum((part.amount for part in plan.parts), ZERO)
        for place, part in enumerate(plan.parts):
            if place in fails:
                self.failed.append(part)
            else:
                self.stand(part)

    def stand(self, part):
        self.standing.append(part)
        payment = self.payments[part.payment_id - 1]
        payment.refund_committed += part.amount
        assert payment.refund_committed <= payment.captured

    @property
    def captured(self):
        return sum((payment.captured for payment in self.payments), ZERO)

    @property
    def refunded(self):
        return sum((part.amount for part in self.standing), ZERO)

    @property
    def tax(self):
        return sum((piece.tax for part in self.standing for piece in part.lines), ZERO)
