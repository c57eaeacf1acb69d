"""Which variants the goods come in, what each costs, and how many came in."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product as combinations
from random import Random

from mdv.ops.demo.goods import PRICED_BY_SIZE, Goods
from shop.catalog.states import ProductStatus

DRAFTS = 6
ARCHIVED = 5

ROUNDED_TO = Decimal(500)  # naira
STEP_PER_SIZE = Decimal("0.25")  # of the price, for each larger size
SHARE_ON_SALE = 0.18
REDUCTIONS = (Decimal("0.10"), Decimal("0.20"), Decimal("0.30"))

# Of 100 variants so many never came in, are damaged on arrival, came in small numbers.
NEVER_CAME, DAMAGED, FEW = 3, 4, 15
SHARE_MISCOUNTED = 0.04
FEW_UNITS = (1, 4)
MANY_UNITS = (8, 40)

# Of how many units the shop warns: of basics always, of some other goods, else never.
BASICS = "basics"
LOW_BASICS, LOW_OTHERS, NEVER = 6, 3, 0
SHARE_WATCHED = 0.3


@dataclass(frozen=True, kw_only=True)
class PlannedVariant:
    """`received` and `adjusted` are in units; `adjusted` is never above 0."""

    sku: str
    option_values: tuple[str, ...]
    price: Decimal
    compare_at_price: Decimal | None
    received: int
    adjusted: int

    @property
    def on_hand(self) -> int:
        return self.received + self.adjusted


@dataclass(frozen=True, kw_only=True)
class PlannedProduct:
    """`status` is what it is in the end: what is archived was sold before.

    ``low_at`` is in units of each variant.
    """

    goods: Goods
    option_names: tuple[str, ...]
    variants: tuple[PlannedVariant, ...]
    low_at: int
    status: ProductStatus


def plan_assortment(random: Random, goods: list[Goods]) -> list[PlannedProduct]:
    """Return a product for each of `goods`, a few of them not for sale.

    What is a draft is on its way: its units come in later.
    """
    places = random.sample(range(len(goods)), DRAFTS + ARCHIVED)
    status = dict.fromkeys(places[:DRAFTS], ProductStatus.DRAFT)
    status |= dict.fromkeys(places[DRAFTS:], ProductStatus.ARCHIVED)
    return [
        _plan_product(random, place, found, status.get(place, ProductStatus.ACTIVE))
        for place, found in enumerate(goods)
    ]


def _plan_product(
    random: Random, place: int, goods: Goods, status: ProductStatus
) -> PlannedProduct:
    options = _options(goods)
    reduction = random.choice(REDUCTIONS) if random.random() < SHARE_ON_SALE else None
    variants = [
        _plan_variant(random, f"MSN-{place + 1:03d}-{number:02d}", goods, values, reduction)
        for number, values in enumerate(combinations(*options.values()), start=1)
    ]
    return PlannedProduct(
        goods=goods,
        option_names=tuple(options),
        variants=tuple(variants),
        low_at=_plan_low_level(random, goods),
        status=status,
    )


def _options(goods: Goods) -> dict[str, tuple[str, ...]]:
    """Return what there is to choose from; one colour alone is no choice."""
    options = {}
    if goods.sizes:
        options["Size"] = goods.sizes
    if len(goods.colours) > 1:
        options["Colour"] = goods.colours
    return options


def _plan_variant(
    random: Random, sku: str, goods: Goods, values: tuple[str, ...], reduction: Decimal | None
) -> PlannedVariant:
    price = _price(goods, values)
    received, adjusted = _plan_stock(random)
    return PlannedVariant(
        sku=sku,
        option_values=values,
        price=_rounded(price * (1 - reduction)) if reduction else price,
        compare_at_price=price if reduction else None,
        received=received,
        adjusted=adjusted,
    )


def _price(goods: Goods, values: tuple[str, ...]) -> Decimal:
    if goods.shelf not in PRICED_BY_SIZE or not goods.sizes:
        return goods.price
    return _rounded(goods.price * (1 + STEP_PER_SIZE * goods.sizes.index(values[0])))


def _rounded(price: Decimal) -> Decimal:
    """Round down, so that a reduced price is below the one before."""
    return price // ROUNDED_TO * ROUNDED_TO


def _plan_stock(random: Random) -> tuple[int, int]:
    lot = random.randrange(100)
    if lot < NEVER_CAME:
        return 0, 0
    if lot < NEVER_CAME + DAMAGED:
        received = random.randint(*FEW_UNITS)
        return received, -received
    received = random.randint(*(FEW_UNITS if lot < NEVER_CAME + DAMAGED + FEW else MANY_UNITS))
    return received, -1 if random.random() < SHARE_MISCOUNTED else 0


def _plan_low_level(random: Random, goods: Goods) -> int:
    if BASICS in goods.tags:
        return LOW_BASICS
    return LOW_OTHERS if random.random() < SHARE_WATCHED else NEVER
