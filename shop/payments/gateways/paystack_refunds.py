"""Refunds and disputes as Paystack tells of them (https://paystack.com/docs/api/refund).

It knows no idempotency, so our key travels in the merchant's note. Its notices name the payment
and not the refund: they say that there is something to ask about.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from shop.payments.gateways.base import (
    GatewayRefused,
    Notice,
    RefundFact,
    RefundOutcome,
    RefundWanted,
)
from shop.payments.gateways.minor_units import DoesNotFit, from_minor, to_minor
from shop.payments.gateways.paystack_reading import DEPARTURES, MODES
from shop.payments.gateways.reading import (
    Unreadable,
    currency_in,
    object_in,
    reason_in,
    text_in,
    whole_number_in,
    written_number_in,
)

OUTCOMES = {
    "pending": RefundOutcome.PENDING,
    "processing": RefundOutcome.PENDING,
    "needs-attention": RefundOutcome.PENDING,
    "failed": RefundOutcome.FAILED,
    "processed": RefundOutcome.SUCCEEDED,
}
NEEDS_ATTENTION = "needs-attention"
REFUND_KINDS = frozenset(f"refund.{status}" for status in OUTCOMES)
DISPUTE_RESOLVED = "charge.dispute.resolve"
# The customer keeps the money: the merchant agreed, or did not answer in time.
LOST = ("merchant-accepted", "auto-accepted")
# https://paystack.com/docs/payments/webhooks/#supported-events
CONCERNS = {
    "charge.dispute.create": "The customer's bank asks for the money back.",
    DISPUTE_RESOLVED: "The dispute with the customer's bank has ended.",
}
KEY_IN_NOTE = re.compile(r"\bkey=(\S{1,100})")


def order_of(wanted: RefundWanted) -> bytes:
    """Say what to give back.

    Raises:
        GatewayRefused: the amount is none that Paystack can count.
    """
    try:
        amount = to_minor(wanted.amount, wanted.currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise GatewayRefused(str(problem)) from None
    return orjson.dumps(
        {
            "transaction": wanted.payment_provider_id,
            "amount": amount,
            "currency": wanted.currency,
            "merchant_note": f"key={wanted.key}",
        }
    )


def read_refund(facts: Mapping[str, Any], *, reference: str) -> RefundFact:
    """Read a refund, as answers tell it. One that ends a dispute goes by the dispute's number.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    status = text_in(facts, "status")
    dispute = _number_of(facts, "dispute") if facts.get("dispute") is not None else ""
    key = KEY_IN_NOTE.search(reason_in(facts, "merchant_note"))
    return RefundFact(
        key=key[1] if key else "",
        provider_id=_named_by_dispute(dispute) if dispute else str(whole_number_in(facts, "id")),
        reference=reference,
        payment_provider_id=_number_of(facts, "transaction"),
        outcome=_outcome(status),
        amount=_amount(facts, "amount"),
        currency=currency_in(facts, "currency"),
        is_live=_is_live(facts),
        is_chargeback=bool(dispute),
        failure=_failure(status, facts),
    )


def read_refund_notice(kind: str, data: Mapping[str, Any], *, body: bytes, at: datetime) -> Notice:
    """Read that something became of a refund of a payment.

    Two refunds of one amount are told in the same bytes, so their notices are the same fact only
    within a minute.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    status = text_in(data, "status")
    if kind != f"refund.{status}":
        raise Unreadable("A refund's notice has another status.")
    told = RefundFact(
        key="",
        provider_id="",
        reference=text_in(data, "transaction_reference"),
        payment_provider_id="",
        outcome=_outcome(status),
        amount=_amount(data, "amount"),
        currency=currency_in(data, "currency"),
        is_live=_is_live(data),
        failure=_failure(status, data),
    )
    digest = hashlib.sha256(body).hexdigest()
    return Notice(key=f"{kind}:{at:%Y-%m-%dT%H:%M}:{digest}", kind=kind, charge=None, refund=told)


def read_dispute(kind: str, data: Mapping[str, Any], *, key: str) -> Notice:
    """Read a dispute's notice: the money is gone once it ends against the shop.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    if kind != DISPUTE_RESOLVED or data.get("resolution") not in LOST:
        return Notice(key=key, kind=kind, charge=None, concern=CONCERNS[kind])
    transaction = object_in(data, "transaction")
    lost = RefundFact(
        key="",
        provider_id=_named_by_dispute(str(whole_number_in(data, "id"))),
        reference=text_in(transaction, "reference"),
        payment_provider_id=str(whole_number_in(transaction, "id")),
        outcome=RefundOutcome.SUCCEEDED,
        amount=_amount(data, "refund_amount"),
        currency=currency_in(data, "currency"),
        is_live=_is_live(data),
        is_chargeback=True,
    )
    return Notice(key=lost.name, kind=kind, charge=None, refund=lost)


def _named_by_dispute(number: str) -> str:
    return f"dispute-{number}"


def _outcome(status: str) -> RefundOutcome:
    try:
        return OUTCOMES[status]
    except KeyError:
        raise Unreadable("The refund's status is unknown.") from None


def _failure(status: str, facts: Mapping[str, Any]) -> str:
    if status == NEEDS_ATTENTION:
        return NEEDS_ATTENTION
    return reason_in(facts, "reason") if OUTCOMES.get(status) == RefundOutcome.FAILED else ""


def _is_live(facts: Mapping[str, Any]) -> bool:
    mode = MODES.get(text_in(facts, "domain"))
    if mode is None:
        raise Unreadable("The domain is unknown.")
    return mode


def _number_of(facts: Mapping[str, Any], name: str) -> str:
    """Return the number of what is told whole in some answers and by its number in others."""
    found = facts.get(name)
    return str(whole_number_in(found if isinstance(found, dict) else {"id": found}, "id"))


def _amount(facts: Mapping[str, Any], name: str) -> Decimal:
    currency = currency_in(facts, "currency")
    try:
        amount = from_minor(written_number_in(facts, name), currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise Unreadable(str(problem)) from None
    if not amount:
        raise Unreadable("A refund of nothing is none.")
    return amount
