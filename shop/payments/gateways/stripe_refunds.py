"""Refunds and disputes as Stripe tells of them (https://docs.stripe.com/api/refunds)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from stripe.params import RefundCreateParams

from shop.payments.gateways.base import (
    GatewayRefused,
    Notice,
    RefundFact,
    RefundOutcome,
    RefundWanted,
)
from shop.payments.gateways.minor_units import DoesNotFit, from_minor, to_minor
from shop.payments.gateways.reading import (
    Unreadable,
    currency_in,
    reason_in,
    text_in,
    whole_number_in,
    yes_or_no_in,
)
from shop.payments.gateways.stripe_reading import DEPARTURES

OUTCOMES = {
    "pending": RefundOutcome.PENDING,
    "requires_action": RefundOutcome.PENDING,
    "succeeded": RefundOutcome.SUCCEEDED,
    "failed": RefundOutcome.FAILED,
    "canceled": RefundOutcome.FAILED,
}
# What a refund that is not done waits for, and why one is not going to be done.
WORTH_SAYING = frozenset({"requires_action", "canceled"})
REFUND_KINDS = frozenset({"refund.created", "refund.updated", "refund.failed"})
# A dispute is announced first; the money goes with this one.
DISPUTE_TOOK = "charge.dispute.funds_withdrawn"
# https://docs.stripe.com/api/events/types
CONCERNS = {
    "charge.dispute.created": "The customer's bank asks for the money back.",
    "charge.dispute.closed": "The dispute with the customer's bank has ended.",
    "charge.dispute.funds_reinstated": "Money that a dispute had taken came back.",
}
KEY = "key"


def order_of(wanted: RefundWanted) -> RefundCreateParams:
    """Say what to give back: always the same, since Stripe compares it with the first request.

    Raises:
        GatewayRefused: the amount is none that Stripe can count.
    """
    try:
        amount = to_minor(wanted.amount, wanted.currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise GatewayRefused(str(problem)) from None
    return {
        "payment_intent": wanted.payment_provider_id,
        "amount": amount,
        "metadata": {KEY: wanted.key},
    }


def read_refund(
    facts: Mapping[str, Any], *, is_live: bool, reference: str = "", merchant: str = ""
) -> RefundFact:
    """Read a refund, which does not say itself whether it is a test.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    if facts.get("object") != "refund":
        raise Unreadable("This is not a refund.")
    status = text_in(facts, "status")
    if status not in OUTCOMES:
        raise Unreadable("The refund's status is unknown.")
    metadata = facts.get("metadata")
    key = metadata.get(KEY) if isinstance(metadata, dict) else None
    return RefundFact(
        key=text_in({KEY: key}, KEY) if key else "",
        provider_id=text_in(facts, "id"),
        reference=reference,
        payment_provider_id=_intent(facts),
        outcome=OUTCOMES[status],
        amount=_amount(facts),
        currency=currency_in(facts, "currency"),
        is_live=is_live,
        merchant=merchant,
        failure=reason_in(facts, "failure_reason") or (status if status in WORTH_SAYING else ""),
    )


def read_refund_notice(
    kind: str, facts: Mapping[str, Any], *, is_live: bool, merchant: str
) -> Notice:
    """Read that something became of a refund.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    told = read_refund(facts, is_live=is_live, merchant=merchant)
    return Notice(key=told.name, kind=kind, charge=None, refund=told)


def read_withdrawal(kind: str, facts: Mapping[str, Any], *, is_live: bool, merchant: str) -> Notice:
    """Read that a dispute took money.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    if facts.get("object") != "dispute" or yes_or_no_in(facts, "livemode") != is_live:
        raise Unreadable("This is not the event's dispute.")
    taken = RefundFact(
        key="",
        provider_id=text_in(facts, "id"),
        reference="",
        payment_provider_id=_intent(facts),
        outcome=RefundOutcome.SUCCEEDED,
        amount=_amount(facts),
        currency=currency_in(facts, "currency"),
        is_live=is_live,
        merchant=merchant,
        is_chargeback=True,
    )
    return Notice(key=taken.name, kind=kind, charge=None, refund=taken)


def _intent(facts: Mapping[str, Any]) -> str:
    """Return the PaymentIntent's number, or nothing: all payments of ours have one."""
    found = facts.get("payment_intent", "")
    if found is None:
        return ""
    return text_in(found if isinstance(found, dict) else {"id": found}, "id")


def _amount(facts: Mapping[str, Any]) -> Decimal:
    currency = currency_in(facts, "currency")
    try:
        amount = from_minor(whole_number_in(facts, "amount"), currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise Unreadable(str(problem)) from None
    if not amount:
        raise Unreadable("A refund of nothing is none.")
    return amount
