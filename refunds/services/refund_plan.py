"""What somebody wants to give back, and the plan that says all that would come of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from mdv.kernel.money import ZERO
from refunds.states import RefundMethod, RefundReason, RefundSource, Restock


@dataclass(frozen=True, kw_only=True)
class WantedLine:
    """Units of one article to be refunded. Of what they cost, `withheld` is kept.

    A quantity of 0 is for what is still owed for units that were refunded: their money was to come
    from several payments, of which one failed.
    """

    sku: str
    quantity: int
    restock: Restock
    withheld: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What somebody wants to give back of an order.

    `of_return` is the number of the return that it is for, if any. `by_hand`: whatever the payments
    were made by, a person moves the money at the bank.
    """

    lines: Sequence[WantedLine] = ()
    shipping: Decimal = ZERO
    goodwill: Decimal = ZERO
    of_return: str = ""
    reason: RefundReason
    source: RefundSource = RefundSource.STAFF
    note: str = ""
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class PlannedLine:
    """Units of one article: `amount` is gross and goes back, `tax` is contained in it.

    `cancels` are the units that are given up with it, and whose stock is free then.
    """

    order_line_id: int
    sku: str
    title: str
    quantity: int
    restock: Restock
    amount: Decimal
    tax: Decimal
    withheld: Decimal
    cancels: int


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """What of a planned line one payment gives. The last part of it carries the quantity."""

    order_line_id: int
    restock: Restock
    quantity: int
    amount: Decimal
    tax: Decimal
    withheld: Decimal


@dataclass(frozen=True, kw_only=True)
class PlannedPart:
    """What one payment gives back: one refund. `left_after` is what it could still give then."""

    payment_id: int
    reference: str
    provider: str
    method: RefundMethod
    amount: Decimal
    shipping: Decimal
    goodwill: Decimal
    lines: Sequence[PartLine]
    left_after: Decimal


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Whether somebody else has to agree, and by whose limits (`user_id`'s) that was found.

    `exceeded` is the limit that is too low: ``per_refund``, ``per_day`` or nothing.
    """

    user_id: int
    is_required: bool
    exceeded: str
    max_per_refund: Decimal
    max_per_day: Decimal
    left_today: Decimal


@dataclass(frozen=True, kw_only=True)
class Balances:
    """The order's money: captured, promised back before and after, and what is left then."""

    captured: Decimal
    committed_before: Decimal
    committed_after: Decimal
    left_after: Decimal


@dataclass(frozen=True, kw_only=True)
class RefundPlan:
    """All that would come of a wish, if nothing moves in between.

    `mails` are kinds of mails that the customer gets once money has gone; `documents` what is
    issued then. `order_version` is raised by payments, returns and refunds alike.
    """

    order: str
    currency: str
    lines: Sequence[PlannedLine]
    shipping: Decimal
    goodwill: Decimal
    tax: Decimal
    amount: Decimal
    parts: Sequence[PlannedPart]
    reason: RefundReason
    source: RefundSource
    of_return: str
    approval: Approval
    balances: Balances
    mails: Sequence[str]
    documents: Sequence[str]
    order_version: int

    @property
    def plan_hash(self) -> str:
        """What names this plan: another one as soon as anything that matters is different."""
        facts = self.facts()
        # How much is left today changes with every refund of theirs; whether it is enough matters.
        facts["approval"].pop("left_today")
        return digest_of(facts)

    @property
    def agreed_amount(self) -> Decimal:
        """What goes back without anybody else's agreement: all of it or nothing."""
        return ZERO if self.approval.is_required else self.amount

    def facts(self) -> dict[str, Any]:
        """Return the plan as plain values, with amounts as the API writes them."""
        return plain_facts(asdict(self))


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as plain values, with amounts as the API writes them."""
    plain: dict[str, Any] = json.loads(json.dumps(facts, default=_write))
    return plain


def digest_of(facts: Mapping[str, Any]) -> str:
    """Return what names facts: another name as soon as one of them is different."""
    written = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _write(amount: Decimal) -> str:
    return f"{amount:.2f}"
