"""How Paystack says things."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from mdv.ops.simulators.exchange import Refused, as_json
from mdv.ops.simulators.sale import Sale

STATUSES = {"open": "abandoned", "declined": "failed", "failed": "failed", "paid": "success"}


def refused(message: str, code: str, status: int = HTTPStatus.BAD_REQUEST) -> Refused:
    """Say no. The sentences are those of Paystack's documents."""
    hint = {"nextStep": "Ensure that the value(s) you're passing are valid."}
    said = {"status": False, "message": message, "meta": hint, "code": code}
    return Refused(as_json({**said, "type": "validation_error"}, status))


def domain_of(secret_key: str) -> str:
    """Tell whether a key moves money, in Paystack's word for it."""
    return "live" if secret_key.startswith("sk_live_") else "test"


def transaction_out(sale: Sale, secret_key: str) -> dict[str, Any]:
    """Tell a transaction, as look-ups and notices do alike."""
    is_paid = sale.status == "paid"
    created = _time(sale.created)
    is_reversed = is_paid and sale.refunded == sale.paid
    return {
        "id": sale.number,
        "domain": domain_of(secret_key),
        "status": "reversed" if is_reversed else STATUSES[sale.status],
        "reference": sale.reference,
        "amount": sale.paid if is_paid else sale.amount,
        "requested_amount": sale.amount,
        "message": None,
        "gateway_response": "Successful" if is_paid else "Declined",
        "paid_at": created if is_paid else None,
        "created_at": created,
        "channel": "card",
        "currency": sale.currency,
        "metadata": sale.metadata,
        "customer": {"email": sale.email},
        "authorization": {"channel": "card", "card_type": "visa", "last4": "4081"},
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
