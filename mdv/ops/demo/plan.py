"""The whole of the demo data, thought out before anything is written: the same at every call."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from mdv.ops.demo.assortment import PlannedProduct, plan_assortment
from mdv.ops.demo.goods import read_goods
from mdv.ops.demo.people import Person, plan_people
from mdv.ops.demo.trade import PlannedOrder, plan_trade

SEED = 2026


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Whom the shop knows, what it sells, and what was ordered."""

    people: Sequence[Person]
    assortment: Sequence[PlannedProduct]
    trade: Sequence[PlannedOrder]


def make_plan() -> Plan:
    """Return the demo data. They depend on nothing but goods.csv and this package's code."""
    random = Random(SEED)  # noqa: S311  (no secret: it has to come out the same)
    people = plan_people(random)
    assortment = plan_assortment(random, read_goods())
    return Plan(people=people, assortment=assortment, trade=plan_trade(random, people, assortment))
