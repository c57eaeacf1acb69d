"""How Stripe says things, and how it reads forms."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from mdv.ops.simulators.exchange import Answer, Refused, as_json
from mdv.ops.simulators.sale import Sale

INVALID = "invalid_request_error"
PAYMENT_STATUSES = {"paid": "paid"}
STATUSES = {
    "open": "open",
    "declined": "open",
    "processing": "complete",
    "failed": "complete",
    "paid": "complete",
    "expired": "expired",
}
INTENTS = {
    "declined": "requires_payment_method",
    "processing": "processing",
    "failed": "requires_payment_method",
    "paid": "succeeded",
}


def refused(
    message: str,
    *,
    status: int = HTTPStatus.BAD_REQUEST,
    kind: str = INVALID,
    code: str | None = None,
    param: str | None = None,
) -> Refused:
    """Say no, as https://docs.stripe.com/api/errors describes."""
    said = {"type": kind, "message": message, "code": code, "param": param}
    return Refused(as_json({"error": {k: v for k, v in said.items() if v}}, status))


def missing(kind: str, number: str) -> Refused:
    """Say that there is no such thing."""
    message = f"No such {kind}: '{number}'"
    return refused(message, status=HTTPStatus.NOT_FOUND, code="resource_missing", param="id")


def as_list(things: list[dict[str, Any]], url: str, *, kind: str = "list") -> Answer:
    """Answer with one page that holds everything."""
    return as_json({"object": kind, "data": things, "has_more": False, "url": url})


def read_form(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Read a form into flat names, such as `line_items[0][quantity]`.

    Raises:
        Refused: a name comes twice.
    """
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise refused(f"Received {name} twice", param=name)
        form[name] = value
    return form


def refuse_unknown(form: dict[str, str], known: Iterable[str]) -> None:
    """Refuse what the documents do not list, as Stripe does.

    Raises:
        Refused: `parameter_unknown`.
    """
    patterns = [re.compile(pattern) for pattern in known]
    for name in form:
        if not any(pattern.fullmatch(name) for pattern in patterns):
            message = f"Received unknown parameter: {name}"
            raise refused(message, code="parameter_unknown", param=name)


def session_out(sale: Sale, *, base_url: str, is_live: bool, whole_intent: bool) -> dict[str, Any]:
    """Tell a Checkout Session. There is a PaymentIntent once somebody tried to pay."""
    intent: Any = None
    if sale.status in INTENTS:
        intent = intent_out(sale, is_live=is_live) if whole_intent else intent_id(sale)
    is_open = sale.can_be_paid
    return {
        "id": session_id(sale, is_live=is_live),
        "object": "checkout.session",
        "amount_subtotal": sale.paid or sale.amount,
        "amount_total": sale.paid or sale.amount,
        "cancel_url": sale.cancel_url,
        "client_reference_id": sale.reference or None,
        "created": sale.created,
        "currency": sale.currency.lower(),
        "customer_email": sale.email or None,
        "expires_at": sale.expires,
        "livemode": is_live,
        "metadata": sale.metadata,
        "mode": "payment",
        "payment_intent": intent,
        "payment_method_types": ["card"],
        "payment_status": PAYMENT_STATUSES.get(sale.status, "unpaid"),
        "status": STATUSES[sale.status],
        "success_url": sale.return_url,
        "url": f"{base_url}/pay/{sale.page}" if is_open else None,
    }


def intent_out(sale: Sale, *, is_live: bool) -> dict[str, Any]:
    """Tell a PaymentIntent."""
    return {
        "id": intent_id(sale),
        "object": "payment_intent",
        "amount": sale.paid or sale.amount,
        "amount_received": sale.paid,
        "currency": sale.currency.lower(),
        "livemode": is_live,
        "metadata": sale.metadata,
        "status": INTENTS[sale.status],
    }


def session_id(sale: Sale, *, is_live: bool) -> str:
    return f"cs_{'live' if is_live else 'test'}_{sale.number:024d}"


def intent_id(sale: Sale) -> str:
    return f"pi_{sale.number:024d}"
