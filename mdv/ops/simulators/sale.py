"""One payment at a provider, and what a payer may do on its page."""

from dataclasses import dataclass, field
from typing import Any

OTHER_CURRENCY = {"NGN": "USD"}
ANY_OTHER_CURRENCY = "NGN"
HALF = 2
NOT_GIVEN = frozenset({"failed", "canceled"})
OVER_BY = 2


@dataclass(kw_only=True)
class Sale:
    """``amount`` is what was asked for, ``paid`` what arrived, both in the smallest unit.

    ``status`` is open, declined, processing (paid later), paid, failed or expired. ``withdrawn``
    went back by disputes that are no refunds.
    """

    number: int
    page: str
    reference: str
    amount: int
    currency: str
    email: str
    return_url: str
    cancel_url: str
    created: int
    title: str = ""
    expires: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    status: str = "open"
    paid: int = 0
    refunds: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: int = 0

    @property
    def can_be_paid(self) -> bool:
        return self.status in {"open", "declined"}

    @property
    def refunded(self) -> int:
        given = (int(one["amount"]) for one in self.refunds if one["status"] not in NOT_GIVEN)
        return sum(given) + self.withdrawn

    @property
    def left(self) -> int:
        return self.paid - self.refunded

    def pay(self, how: str) -> None:
        """Take the money: `pay`, `pay_short`, `pay_over` or `pay_other_currency`."""
        if how == "pay_short":
            self.paid = self.amount // HALF
        elif how == "pay_over":
            self.paid = self.amount * OVER_BY
        else:
            self.paid = self.amount
        if how == "pay_other_currency":
            self.currency = OTHER_CURRENCY.get(self.currency, ANY_OTHER_CURRENCY)
        self.status = "paid"
