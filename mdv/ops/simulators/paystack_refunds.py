"""Paystack: refunds (https://paystack.com/docs/api/refund). They know no idempotency."""

from collections.abc import Mapping
from typing import Any

from mdv.ops.simulators.paystack_words import refused
from mdv.ops.simulators.sale import Sale

KNOWN = frozenset({"transaction", "amount", "currency", "customer_note", "merchant_note"})


def new_refund(
    sale: Sale, wanted: Mapping[str, Any], *, number: int, domain: str
) -> dict[str, Any]:
    """Give back all that is left, or the amount that is named, never more than is left.

    Raises:
        Refused: by the rules.
    """
    unknown = wanted.keys() - KNOWN
    if unknown:
        raise refused(f"Unknown parameter {min(unknown)}", "invalid_params")
    if sale.status != "paid":
        raise refused("Only successful transactions can be refunded", "invalid_params")
    if not sale.left:
        raise refused("Transaction has been fully reversed", "transaction_reversed")
    if wanted.get("currency", sale.currency) != sale.currency:
        raise refused("Currency of the refund is not the transaction's", "invalid_params")
    found = {
        "id": number,
        "transaction": sale.number,
        "amount": _amount(sale, wanted),
        "currency": sale.currency,
        "domain": domain,
        "status": "pending",
        "customer_note": wanted.get("customer_note"),
        "merchant_note": wanted.get("merchant_note"),
    }
    sale.refunds.append(found)
    return found


def _amount(sale: Sale, wanted: Mapping[str, Any]) -> int:
    amount = wanted.get("amount", sale.left)
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise refused("Invalid Amount Sent", "invalid_params")
    if amount > sale.left:
        raise refused("Refund amount cannot be more than what is left", "invalid_params")
    return amount
