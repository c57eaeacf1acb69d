"""The plan of cancelling an order: what becomes of its goods, and of the money that is here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from refunds.services.refund_plan import RefundPlan, digest_of, plain_facts
from shop.orders.states import CancelReason


@dataclass(frozen=True, kw_only=True)
class FreedUnits:
    """Units of one article whose stock is free then."""

    sku: str
    title: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class UnpackedParcel:
    """A parcel that is given up with its order, as it is now."""

    number: str
    state: str
    version: int


@dataclass(frozen=True, kw_only=True)
class MoneyHere:
    """The order's money: what came, what has gone back, and what is promised and has not gone.

    ``left`` is neither: whether it goes back is the question. ``stays`` is what of it is then still
    here, and owed to the customer.
    """

    captured: Decimal
    refunded: Decimal
    promised: Decimal
    left: Decimal
    stays: Decimal


@dataclass(frozen=True, kw_only=True)
class CancellationPlan:
    """All that would come of cancelling an order, if nothing moves in between.

    ``refund`` is the answer to the question whether the money goes back: nothing where there is no
    money to ask about, or no answer. ``refund_plan`` is there for a yes.
    """

    order: str
    currency: str
    status: str
    reason: CancelReason
    units: Sequence[FreedUnits]
    parcels: Sequence[UnpackedParcel]
    coupon: str
    money: MoneyHere
    refund: bool | None
    refund_plan: RefundPlan | None
    mails: Sequence[str]
    order_version: int

    @property
    def asks_for_refund(self) -> bool:
        """Whether there is money of which somebody has to say if it goes back."""
        return bool(self.money.left)

    @property
    def is_answered(self) -> bool:
        """Whether all is said that has to be."""
        return self.refund is not None or not self.asks_for_refund

    @property
    def plan_hash(self) -> str:
        """What names this plan: another one as soon as anything that matters is different."""
        refund_hash = self.refund_plan.plan_hash if self.refund_plan else ""
        return digest_of({**self.facts(), "refund_plan": refund_hash})

    def facts(self) -> dict[str, Any]:
        """Return the plan as plain values, with amounts as the API writes them."""
        return plain_facts(asdict(self))
