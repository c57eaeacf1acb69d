"""What can be put right by the shop itself: by which service, for which imbalance.

Each remedy locks what it is about, says what it would change, and changes it. Facts stay as they
are: movements, payments, refunds, parcels and receipts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mdv.kernel.restating import Restatement
from mdv.ops.compensation.imbalance import Imbalance
from mdv.ops.invariants import About
from refunds.models import Refund, Return
from refunds.services import (
    issue_missing_credit_note,
    plan_lines,
    plan_missing_credit_note,
    plan_money,
    restate_lines,
    restate_money,
)
from shop.catalog.models import Variant
from shop.orders.models import Order
from shop.orders.services import (
    issue_missing_invoice,
    lock_order,
    orders_using,
    plan_missing_invoice,
    units_held,
)
from shop.pricing.services import lock_coupon, plan_uses, restate_uses
from shop.stock.models import StockItem
from shop.stock.services import lock_items, plan_level, restate_level


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a person says: why, under which number it is kept, and for stock what was counted."""

    reason: str
    number: str
    counted: int | None
    at: datetime


class Remedy(Protocol):
    """A way to put one kind of imbalance right; `touches` are the invariants to ask afterwards."""

    says: str
    needs_count: bool
    touches: frozenset[int]

    def lock(self, found: Imbalance) -> None:
        """Lock what the imbalance is about."""

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        """Return what would change."""

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        """Change it, and return what has changed."""


class RestateLevel:
    says = (
        "What you counted becomes the level, and what open orders hold is reserved. "
        "A movement brings the ledger there."
    )
    needs_count = True
    touches = frozenset({1, 2, 3})

    def lock(self, found: Imbalance) -> None:
        if found.about == About.VARIANT:
            # Nobody makes it a stock item meanwhile.
            Variant.objects.select_for_update().get(pk=found.object_id)
            return
        lock_items([_variant_of(found)])

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        variant_id = _variant_of(found)
        held = units_held(variant_id=variant_id)
        return plan_level(variant_id=variant_id, counted=counted or 0, held=held)

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        variant_id = _variant_of(found)
        return restate_level(
            variant_id=variant_id,
            counted=given.counted or 0,
            held=units_held(variant_id=variant_id),
            reason=given.reason,
            source=given.number,
        )


class RestateMoney:
    says = "The order comes to show its payments and refunds, and its payments their refunds."
    needs_count = False
    touches = frozenset({6, 7, 11})

    def lock(self, found: Imbalance) -> None:
        lock_order(_order_of(found))

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        return plan_money(number=_order_of(found))

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        return restate_money(number=_order_of(found))


class RestateLines:
    says = (
        "The order's lines come to show what was refunded, what left in parcels and what came "
        "back; its returns come to show their receipts."
    )
    needs_count = False
    touches = frozenset({3, 9, 10, 11})

    def lock(self, found: Imbalance) -> None:
        lock_order(_order_of(found))

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        return plan_lines(number=_order_of(found))

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        return restate_lines(number=_order_of(found))


class RestateUses:
    says = "The coupon comes to count the orders that use it and are not cancelled."
    needs_count = False
    touches = frozenset({12})

    def lock(self, found: Imbalance) -> None:
        lock_coupon(found.object_id)

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        used = orders_using(coupon_id=found.object_id)
        return plan_uses(coupon_id=found.object_id, used=used)

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        used = orders_using(coupon_id=found.object_id)
        return restate_uses(coupon_id=found.object_id, used=used)


class IssueInvoice:
    says = "The invoice is issued now, with today's date and the next number."
    needs_count = False
    touches = frozenset({13})

    def lock(self, found: Imbalance) -> None:
        lock_order(_order_of(found))

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        return plan_missing_invoice(number=_order_of(found))

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        return issue_missing_invoice(number=_order_of(found), at=given.at)


class IssueCreditNote:
    says = "The credit note is issued now, with today's date and the next number."
    needs_count = False
    touches = frozenset({13})

    def lock(self, found: Imbalance) -> None:
        refund = Refund.objects.select_related("order").get(pk=found.object_id)
        lock_order(refund.order.number)

    def plan(self, found: Imbalance, counted: int | None) -> list[Restatement]:
        return plan_missing_credit_note(number=_refund_of(found))

    def apply(self, found: Imbalance, given: Given) -> list[Restatement]:
        return issue_missing_credit_note(number=_refund_of(found), at=given.at)


REMEDIES: dict[tuple[int, About], Remedy] = {
    (1, About.STOCK): RestateLevel(),
    (2, About.STOCK): RestateLevel(),
    (3, About.STOCK): RestateLevel(),
    (3, About.VARIANT): RestateLevel(),
    (6, About.ORDER): RestateMoney(),
    (7, About.PAYMENT): RestateMoney(),
    (9, About.ORDER): RestateLines(),
    (10, About.ORDER): RestateLines(),
    (10, About.RECEIPTS): RestateLines(),
    (12, About.COUPON): RestateUses(),
    (13, About.INVOICE): IssueInvoice(),
    (13, About.CREDIT_NOTE): IssueCreditNote(),
}


def remedy_for(invariant: int, about: str) -> Remedy | None:
    """Return what puts such an imbalance right, if anything here does."""
    return REMEDIES.get((invariant, About(about)))


def _variant_of(found: Imbalance) -> int:
    if found.about == About.VARIANT:
        return found.object_id
    return StockItem.objects.only("variant_id").get(pk=found.object_id).variant_id


def _order_of(found: Imbalance) -> str:
    if found.about == About.RECEIPTS:
        return Return.objects.select_related("order").get(pk=found.object_id).order.number
    return Order.objects.only("number").get(pk=found.object_id).number


def _refund_of(found: Imbalance) -> str:
    return Refund.objects.only("number").get(pk=found.object_id).number
