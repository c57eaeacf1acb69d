"""Who ordered what when: 500 orders, planned before the first is placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random

from mdv.ops.demo.assortment import PlannedProduct, PlannedVariant
from mdv.ops.demo.fates import FATES, Fate, Step
from mdv.ops.demo.people import Person
from mdv.ops.demo.terms import (
    FREE_DELIVERY,
    FREE_DELIVERY_FROM,
    THANK_YOU,
    THANK_YOU_VALUE,
    WELCOME,
    WELCOME_FROM,
)
from shop.catalog.states import ProductStatus
from shop.orders.states import PaymentMethod
from shop.pricing.states import DeliveryMethod

SHARE_OF_GUESTS = 0.08
SHARE_FROM_CARTS = 0.15
SHARE_PICKED_UP = 0.1
SHARE_WITH_COUPON = 0.25
THANK_YOU_FROM = Decimal(20_000)
# How often an order has 1, 2, 3, 4 lines, and a line 1, 2, 4 units.
LINES, LINES_HOW_OFTEN = (1, 2, 3, 4), (50, 28, 14, 8)
UNITS, UNITS_HOW_OFTEN = (1, 2, 4), (80, 15, 5)
LOYALTY = 0.05  # each customer orders a little less often than the one before


@dataclass(frozen=True, kw_only=True)
class PlannedOrder:
    """One order: placed so long `ago`, and what follows, each so long after it was placed."""

    ago: timedelta
    person: Person
    place: int
    delivery_method: DeliveryMethod
    payment_method: PaymentMethod
    lines: tuple[tuple[str, int], ...]
    coupon: str
    is_from_cart: bool
    steps: tuple[tuple[timedelta, Step], ...]


def plan_trade(
    random: Random, people: Sequence[Person], assortment: Sequence[PlannedProduct]
) -> list[PlannedOrder]:
    """Return what was ordered, the oldest first. Nothing is ordered that the shop did not have."""
    market = _Market(random, people, assortment)
    fates = [fate for fate in FATES for _ in range(fate.orders)]
    random.shuffle(fates)
    return sorted((market.plan_order(fate) for fate in fates), key=lambda order: -order.ago)


class _Market:
    """Remembers what is left and who has used a coupon."""

    def __init__(
        self, random: Random, people: Sequence[Person], assortment: Sequence[PlannedProduct]
    ) -> None:
        self.random = random
        self.customers = [person for person in people if person.has_account]
        self.guests = [person for person in people if not person.has_account]
        self.weights = [1 / (1 + LOYALTY * rank) for rank in range(len(self.customers))]
        self.variants = [
            variant
            for product in assortment
            if product.status != ProductStatus.DRAFT
            for variant in product.variants
        ]
        self.left = {variant.sku: variant.on_hand for variant in self.variants}
        self.welcomed: set[str] = set()

    def plan_order(self, fate: Fate) -> PlannedOrder:
        person = self._choose_person()
        lines = self._choose_gift() if fate.is_free else self._choose_lines()
        delivery = self._choose_delivery(fate)
        return PlannedOrder(
            ago=self._between(fate.youngest, fate.oldest),
            person=person,
            place=self.random.randrange(len(person.places)),
            delivery_method=delivery,
            payment_method=fate.payment_method,
            lines=tuple((variant.sku, units) for variant, units in lines),
            coupon=THANK_YOU if fate.is_free else self._choose_coupon(person, delivery, lines),
            is_from_cart=self.random.random() < SHARE_FROM_CARTS,
            steps=tuple((self._between(step.earliest, step.latest), step) for step in fate.steps),
        )

    def _between(self, low: timedelta, high: timedelta) -> timedelta:
        return low + (high - low) * self.random.random()

    def _choose_person(self) -> Person:
        if self.random.random() < SHARE_OF_GUESTS:
            return self.random.choice(self.guests)
        return self.random.choices(self.customers, self.weights)[0]

    def _choose_delivery(self, fate: Fate) -> DeliveryMethod:
        if fate.payment_method == PaymentMethod.PAY_AT_PICKUP:
            return DeliveryMethod.PICKUP
        if fate.payment_method == PaymentMethod.CASH_ON_DELIVERY:
            return DeliveryMethod.DELIVERY
        is_fetched = self.random.random() < SHARE_PICKED_UP
        return DeliveryMethod.PICKUP if is_fetched else DeliveryMethod.DELIVERY

    def _choose_lines(self) -> list[tuple[PlannedVariant, int]]:
        count = self.random.choices(LINES, LINES_HOW_OFTEN)[0]
        in_stock = [variant for variant in self.variants if self.left[variant.sku]]
        chosen = self.random.sample(in_stock, count)
        return [self._take(variant, self._choose_units()) for variant in chosen]

    def _choose_units(self) -> int:
        return self.random.choices(UNITS, UNITS_HOW_OFTEN)[0]

    def _choose_gift(self) -> list[tuple[PlannedVariant, int]]:
        """Choose what the coupon pays for alone. It gives nothing on what is reduced."""
        small = [
            variant
            for variant in self.variants
            if variant.price <= THANK_YOU_VALUE
            and variant.compare_at_price is None
            and self.left[variant.sku]
        ]
        return [self._take(self.random.choice(small), 1)]

    def _take(self, variant: PlannedVariant, units: int) -> tuple[PlannedVariant, int]:
        units = min(units, self.left[variant.sku])
        self.left[variant.sku] -= units
        return variant, units

    def _choose_coupon(
        self, person: Person, delivery: DeliveryMethod, lines: list[tuple[PlannedVariant, int]]
    ) -> str:
        if self.random.random() >= SHARE_WITH_COUPON:
            return ""
        subtotal = sum(variant.price * units for variant, units in lines)
        if person.has_account and person.email not in self.welcomed and subtotal >= WELCOME_FROM:
            self.welcomed.add(person.email)
            return WELCOME
        if delivery == DeliveryMethod.DELIVERY and subtotal >= FREE_DELIVERY_FROM:
            return FREE_DELIVERY
        return THANK_YOU if subtotal >= THANK_YOU_FROM else ""
