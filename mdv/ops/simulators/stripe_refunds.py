"""Stripe: refunds (https://docs.stripe.com/api/refunds) and disputes."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mdv.ops.simulators.exchange import Answer, as_json
from mdv.ops.simulators.sale import Sale
from mdv.ops.simulators.stripe_words import (
    INTENTS,
    intent_id,
    missing,
    refuse_unknown,
    refused,
)

KNOWN = ("payment_intent|amount|reason", r"metadata\[[^\]]{1,40}\]", r"expand\[\d+\]")
KNOWN_IN_LISTS = ("payment_intent|charge|limit|starting_after|ending_before",)
REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
DEFAULT_PAGE = 10
MAX_PAGE = 100
# Where a refund goes from its status: one that succeeded may come back from the bank.
NEXT = {
    "pending": frozenset({"requires_action", "succeeded", "failed", "canceled"}),
    "requires_action": frozenset({"pending", "succeeded", "failed", "canceled"}),
    "succeeded": frozenset({"failed"}),
}


class Refunds:
    """All refunds of one account. ``notify`` sends an event of a kind about a thing."""

    def __init__(
        self,
        *,
        sales: Sequence[Sale],
        is_live: bool,
        next_number: Callable[[], int],
        notify: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.sales = sales
        self.is_live = is_live
        self.next_number = next_number
        self.notify = notify

    def create(self, form: dict[str, str], *, course: str) -> Answer:
        """Give back all that is left, or the amount that is named, never more than is left.

        Raises:
            Refused: by the rules.
        """
        refuse_unknown(form, KNOWN)
        sale = self._sale(form.get("payment_intent", ""))
        if form.get("reason") and form["reason"] not in REASONS:
            raise refused("Invalid reason", param="reason")
        metadata = {name[9:-1]: value for name, value in form.items() if name[:9] == "metadata["}
        status = "succeeded" if course == "done" else "pending"
        made = self._new(sale, form, metadata=metadata, status=status)
        answer = as_json(made)
        if course == "fail":
            self._move(made, "failed")
        return answer

    def fetch(self, number: str) -> Answer:
        """Answer with one.

        Raises:
            Refused: there is none with this number.
        """
        return as_json(self._find(number))

    def list(self, form: dict[str, str]) -> Answer:
        """Answer with a page of them, the newest first.

        Raises:
            Refused: by the rules.
        """
        refuse_unknown(form, KNOWN_IN_LISTS)
        intent = form.get("payment_intent")
        if intent:
            self._sale(intent)
        found = [one for one in self._all() if intent in {None, one["payment_intent"]}]
        found.sort(key=lambda one: one["id"], reverse=True)
        after = form.get("starting_after")
        if after:
            found = [one for one in found if one["id"] < after]
        limit = int(form.get("limit", DEFAULT_PAGE))
        if not 1 <= limit <= MAX_PAGE:
            raise refused("Invalid limit", param="limit")
        page = {"object": "list", "url": "/v1/refunds", "has_more": len(found) > limit}
        return as_json({**page, "data": found[:limit]})

    def by_hand(self, reference: str, amount: int) -> str:
        """Give money back as somebody does on Stripe's own pages; return the number."""
        made = self._new(self._named(reference), {"amount": str(amount)}, status="succeeded")
        return str(made["id"])

    def charge_back(self, reference: str, amount: int) -> str:
        """Let a dispute take money; return its number."""
        sale = self._named(reference)
        _check(sale, {"amount": str(amount)})
        dispute = {
            "id": f"dp_{self.next_number():024d}",
            "object": "dispute",
            "amount": amount,
            "charge": f"ch_{sale.number:024d}",
            "currency": sale.currency.lower(),
            "livemode": self.is_live,
            "payment_intent": intent_id(sale),
            "reason": "fraudulent",
            "status": "needs_response",
        }
        self.notify("charge.dispute.created", dispute)
        sale.withdrawn += amount
        self.notify("charge.dispute.funds_withdrawn", dispute)
        return str(dispute["id"])

    def move(self, number: str, status: str) -> None:
        """Let a refund go on.

        Raises:
            Refused: it does not go there from where it is.
        """
        found = self._find(number)
        if status not in NEXT.get(found["status"], ()):
            raise refused(f"{found['status']} is not followed by {status}")
        self._move(found, status)

    def _new(
        self,
        sale: Sale,
        form: Mapping[str, str],
        *,
        status: str,
        metadata: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        made = {
            "id": f"re_{self.next_number():024d}",
            "object": "refund",
            "amount": _check(sale, form),
            "charge": f"ch_{sale.number:024d}",
            "created": int(time.time()),
            "currency": sale.currency.lower(),
            "metadata": dict(metadata or {}),
            "payment_intent": intent_id(sale),
            "reason": form.get("reason"),
            "status": status,
        }
        sale.refunds.append(made)
        self.notify("refund.created", dict(made))
        charge = {"id": made["charge"], "object": "charge", "amount_refunded": sale.refunded}
        self.notify("charge.refunded", {**charge, "payment_intent": made["payment_intent"]})
        return made

    def _move(self, refund: dict[str, Any], status: str) -> None:
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
            self.notify("refund.failed", dict(refund))
        for kind in ("refund.updated", "charge.refund.updated"):
            self.notify(kind, dict(refund))

    def _sale(self, intent: str) -> Sale:
        for sale in self.sales:
            if sale.status in INTENTS and intent_id(sale) == intent:
                return sale
        raise missing("payment_intent", intent)

    def _named(self, reference: str) -> Sale:
        for sale in self.sales:
            if sale.reference == reference:
                return sale
        raise missing("checkout.session", reference)

    def _all(self) -> Iterator[dict[str, Any]]:
        return (refund for sale in self.sales for refund in sale.refunds)

    def _find(self, number: str) -> dict[str, Any]:
        for refund in self._all():
            if refund["id"] == number:
                return refund
        raise missing("refund", number)


def _check(sale: Sale, form: Mapping[str, str]) -> int:
    """Return how much is to be given back, in the smallest unit.

    Raises:
        Refused: more than is left, or nothing.
    """
    if sale.status != "paid":
        raise refused("This PaymentIntent does not have a successful charge to refund.")
    if not sale.left:
        raise refused("Charge has already been refunded.", code="charge_already_refunded")
    if "amount" not in form:
        return sale.left
    if not re.fullmatch(r"[0-9]{1,12}", form["amount"]) or not int(form["amount"]):
        raise refused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if int(form["amount"]) > sale.left:
        raise refused(
            f"Refund amount ({form['amount']}) is greater than unrefunded amount on charge "
            f"({sale.left})",
            param="amount",
        )
    return int(form["amount"])
