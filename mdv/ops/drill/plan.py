"""What is sold in a drill, who buys what of it, and what they do afterwards: drawn from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

HOT = ("HOT-1", "HOT-2", "HOT-3")
COLD = ("COLD-1", "COLD-2", "COLD-3", "COLD-4", "COLD-5")
PRICES: Mapping[str, Decimal] = MappingProxyType(
    {sku: Decimal(1_000 + 250 * place) for place, sku in enumerate((*HOT, *COLD))}
)
DELIVERY_FEE = Decimal(500)

MAX_UNITS = 3  # of one line
HOT_SHARE = 0.6  # of all attempts
TWO_LINES_SHARE = 0.3
# Of a hot article there is about a third of what will be asked for.
HOT_UNITS_PER_ATTEMPT = 0.15
MIN_HOT_UNITS = 5
# Of a cold one nobody is ever told that it is sold out.
COLD_UNITS_PER_ATTEMPT = MAX_UNITS
REPLAY_SHARE = 0.25  # of what was acknowledged is sent once more
DOUBLE_CLICK_SHARE = 0.1  # of all orders are sent twice at the same moment


class Fate(StrEnum):
    """What becomes of an order once it is placed."""

    LEFT_UNPAID = "left unpaid"
    CANCELLED = "cancelled"
    PAID = "paid"
    REFUNDED_IN_PART = "refunded in part"
    REFUNDED_IN_FULL = "refunded in full"
    REFUND_RACED = "refund raced"
    REFUND_TOO_HIGH = "refund too high"


# What was bought hot is never given back, so that what is sold of it has one right answer.
HOT_FATES = {Fate.LEFT_UNPAID: 4, Fate.PAID: 3, Fate.REFUND_RACED: 1, Fate.REFUND_TOO_HIGH: 1}
COLD_FATES = {
    Fate.LEFT_UNPAID: 2,
    Fate.CANCELLED: 3,
    Fate.PAID: 3,
    Fate.REFUNDED_IN_PART: 4,
    Fate.REFUNDED_IN_FULL: 3,
    Fate.REFUND_RACED: 2,
    Fate.REFUND_TOO_HIGH: 1,
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One customer's visit: units by SKU in the order of the lines, and what follows.

    ``luck`` decides about repetitions; it is the attempt's own, so that threads do not share it.
    """

    number: int
    lines: Mapping[str, int]
    fate: Fate
    provider: str
    asks_the_provider: bool
    luck: random.Random


def stock_of(sku: str, attempts: int) -> int:
    """Return how many units there are when the drill begins."""
    if sku in HOT:
        return max(MIN_HOT_UNITS, round(attempts * HOT_UNITS_PER_ATTEMPT))
    return attempts * COLD_UNITS_PER_ATTEMPT


def attempt_of(seed: int, number: int) -> Attempt:
    """Return the attempt with this number: always the same for the same seed."""
    luck = random.Random(f"{seed}:{number}")  # noqa: S311 (to be repeated, not to be secret)
    is_hot = luck.random() < HOT_SHARE
    shelf, fates = (HOT, HOT_FATES) if is_hot else (COLD, COLD_FATES)
    skus = luck.sample(shelf, 2 if luck.random() < TWO_LINES_SHARE else 1)
    return Attempt(
        number=number,
        lines={sku: luck.randint(1, MAX_UNITS) for sku in skus},
        fate=luck.choices(list(fates), list(fates.values()))[0],
        provider=luck.choice(("paystack", "stripe")),
        asks_the_provider=luck.random() < 0.5,  # noqa: PLR2004 (half of them)
        luck=luck,
    )


def total_of(lines: Mapping[str, int]) -> Decimal:
    """Return what an order costs, delivered."""
    goods = sum((PRICES[sku] * units for sku, units in lines.items()), Decimal(0))
    return goods + DELIVERY_FEE
