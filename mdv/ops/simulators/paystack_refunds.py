"""Paystack: refunds (https://paystack.com/docs/api/refund). They know no idempotency."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from mdv.ops.simulators.exchange import Answer, as_json
from mdv.ops.simulators.paystack_words import refused
from mdv.ops.simulators.sale import Sale

KNOWN = frozenset({"transaction", "amount", "currency", "customer_note", "merchant_note"})
KNOWN_IN_LISTS = frozenset({"transaction", "currency", "from", "to", "perPage", "page"})
DEFAULT_PAGE = 50
# Where a refund goes from its status.
NEXT = {
    "pending": frozenset({"processing", "needs-attention", "failed", "processed"}),
    "processing": frozenset({"needs-attention", "failed", "processed"}),
    "needs-attention": frozenset({"processing"}),
}
BY = "by merchant@example.com"


class Refunds:
    """All refunds of one account. ``notify`` sends a notice; its first word is the event."""

    def __init__(
        self,
        *,
        sales: Mapping[str, Sale],
        domain: str,
        next_number: Callable[[], int],
        notify: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.sales = sales
        self.domain = domain
        self.next_number = next_number
        self.notify = notify

    def create(self, wanted: Mapping[str, Any], *, course: str) -> Answer:
        """Take a refund: it is pending in the answer, and goes its course after that.

        Raises:
            Refused: by the rules.
        """
        unknown = wanted.keys() - KNOWN
        if unknown:
            raise refused(f"Unknown parameter {min(unknown)}", "invalid_params")
        sale = self._sale(str(wanted.get("transaction")))
        made = self._new(sale, wanted)
        transaction = {
            "id": sale.number,
            "domain": self.domain,
            "reference": sale.reference,
            "amount": sale.paid,
            "currency": sale.currency,
        }
        message = "Refund has been queued for processing"
        data = {**made, "transaction": transaction}
        answer = as_json({"status": True, "message": message, "data": data})
        self._tell(sale, made)
        if course != "wait":
            self._move(sale, made, "processed" if course == "done" else "failed")
        return answer

    def fetch(self, number: str) -> Answer:
        """Answer with one.

        Raises:
            Refused: there is none with this number.
        """
        _, found = self._find(number)
        return as_json({"status": True, "message": "Refund retrieved", "data": found})

    def list(self, names: Mapping[str, str]) -> Answer:
        """Answer with a page of them, the newest first.

        Raises:
            Refused: by the rules.
        """
        unknown = names.keys() - KNOWN_IN_LISTS
        if unknown:
            raise refused(f"Unknown parameter {min(unknown)}", "invalid_params")
        wanted = names.get("transaction")
        found = [one for _, one in self._all() if wanted in {None, str(one["transaction"])}]
        found.sort(key=lambda one: one["id"], reverse=True)
        size, page = int(names.get("perPage", DEFAULT_PAGE)), int(names.get("page", 1))
        start = (page - 1) * size
        meta = {"total": len(found), "perPage": size, "page": page, "skipped": start}
        told = {"status": True, "message": "Refunds retrieved", "data": found[start : start + size]}
        return as_json({**told, "meta": meta})

    def by_hand(self, reference: str, amount: int) -> str:
        """Give money back as somebody does on Paystack's own pages; return the number."""
        sale = self._sale(reference)
        note = f"Refund for transaction {reference} {BY}"
        made = self._new(sale, {"amount": amount, "merchant_note": note})
        self._move(sale, made, "processed")
        return str(made["id"])

    def charge_back(self, reference: str, amount: int) -> str:
        """Lose a dispute: it is told, and ends with a refund; return the dispute's number."""
        sale = self._sale(reference)
        dispute = {
            "id": self.next_number(),
            "refund_amount": amount,
            "currency": sale.currency,
            "status": "awaiting-merchant-feedback",
            "resolution": None,
            "domain": self.domain,
            "transaction": {"id": sale.number, "reference": sale.reference, "amount": sale.paid},
            "category": "chargeback",
        }
        self.notify("charge.dispute.create", dispute)
        made = self._new(sale, {"amount": amount, "merchant_note": f"Chargeback {BY}"})
        made["dispute"] = dispute["id"]
        over = {**dispute, "status": "resolved", "resolution": "merchant-accepted"}
        self.notify("charge.dispute.resolve", over)
        self._move(sale, made, "processed")
        return str(dispute["id"])

    def move(self, number: str, status: str) -> None:
        """Let a refund go on.

        Raises:
            Refused: it does not go there from where it is.
        """
        sale, found = self._find(number)
        if status not in NEXT.get(found["status"], ()):
            raise refused(f"{found['status']} is not followed by {status}", "invalid_params")
        self._move(sale, found, status)

    def _new(self, sale: Sale, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Make one of all that is left, or of the amount that is named, never more than is left."""
        if sale.status != "paid":
            raise refused("Only successful transactions can be refunded", "invalid_params")
        if not sale.left:
            raise refused("Transaction has been fully reversed", "transaction_reversed")
        if wanted.get("currency", sale.currency) != sale.currency:
            raise refused("Currency of the refund is not the transaction's", "invalid_params")
        made = {
            "id": self.next_number(),
            "transaction": sale.number,
            "dispute": None,
            "amount": _amount(sale, wanted),
            "currency": sale.currency,
            "domain": self.domain,
            "status": "pending",
            "reason": None,
            "customer_note": wanted.get("customer_note"),
            "merchant_note": wanted.get("merchant_note"),
        }
        sale.refunds.append(made)
        return made

    def _move(self, sale: Sale, refund: dict[str, Any], status: str) -> None:
        refund["status"] = status
        refund["reason"] = "The customer's bank declined it" if status == "failed" else None
        self._tell(sale, refund)

    def _tell(self, sale: Sale, refund: Mapping[str, Any]) -> None:
        """Send a notice. It names the transaction and not the refund, and writes the amount."""
        status = refund["status"]
        told = {
            "status": status,
            "transaction_reference": sale.reference,
            "refund_reference": None,
            "amount": str(refund["amount"]),
            "currency": refund["currency"],
            "processor": "instant-transfer",
            "customer": {"email": sale.email},
            "domain": self.domain,
        }
        self.notify(f"refund.{status}", told)

    def _sale(self, named: str) -> Sale:
        for sale in self.sales.values():
            if named in {sale.reference, str(sale.number)}:
                return sale
        raise refused("Transaction not found", "transaction_not_found", HTTPStatus.NOT_FOUND)

    def _all(self) -> Iterator[tuple[Sale, dict[str, Any]]]:
        return ((sale, refund) for sale in self.sales.values() for refund in sale.refunds)

    def _find(self, number: str) -> tuple[Sale, dict[str, Any]]:
        for sale, refund in self._all():
            if str(refund["id"]) == number:
                return sale, refund
        raise refused("Refund not found", "not_found", HTTPStatus.NOT_FOUND)


def _amount(sale: Sale, wanted: Mapping[str, Any]) -> int:
    amount = wanted.get("amount", sale.left)
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise refused("Invalid Amount Sent", "invalid_params")
    if amount > sale.left:
        raise refused("Refund amount cannot be more than what is left", "invalid_params")
    return amount
