"""What Stripe tells of a Checkout Session, in the shop's words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mdv.kernel.money import ZERO
from shop.payments.gateways.base import Charge, Notice, Outcome
from shop.payments.gateways.minor_units import DoesNotFit, from_minor
from shop.payments.gateways.reading import (
    Unreadable,
    currency_in,
    text_in,
    whole_number_in,
    yes_or_no_in,
)
from shop.payments.states import Channel

# https://docs.stripe.com/currencies#special-cases
DEPARTURES = {"ISK": 2, "MGA": 0, "UGX": 2}

COMPLETED = "checkout.session.completed"
PAID_LATER = "checkout.session.async_payment_succeeded"
FAILED_LATER = "checkout.session.async_payment_failed"
EXPIRED = "checkout.session.expired"
ABOUT_PAYMENTS = frozenset({COMPLETED, PAID_LATER, FAILED_LATER, EXPIRED})
# A payment that was tried and waits for another try: https://docs.stripe.com/payments/paymentintents/lifecycle
INTENTS_THAT_FAILED = frozenset({"requires_payment_method", "canceled"})
CHANNELS = {
    "card": Channel.CARD,
    "link": Channel.CARD,
    "customer_balance": Channel.BANK_TRANSFER,
    "us_bank_account": Channel.BANK_TRANSFER,
    "sepa_debit": Channel.BANK_TRANSFER,
}


def read_session_notice(
    kind: str, session: Mapping[str, Any], *, is_live: bool, merchant: str, key: str
) -> Notice:
    """Read what became of a session.

    A session without a reference of ours, such as a payment link's, is no payment of the shop.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    if session.get("client_reference_id", "") is None:
        return Notice(key=key, kind=kind, charge=None)
    if is_live != yes_or_no_in(session, "livemode"):
        raise Unreadable("The event and its session disagree about livemode.")
    charge = read_session(session, outcome=_outcome_told(kind, session), merchant=merchant)
    return Notice(key=key, kind=kind, charge=charge)


def read_session(
    session: Mapping[str, Any], *, outcome: Outcome | None = None, merchant: str = ""
) -> Charge:
    """Read a session, as webhooks and look-ups tell it alike.

    Once something was paid the number is the PaymentIntent's, before that the session's.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    outcome = outcome or _outcome(session)
    currency = currency_in(session, "currency")
    return Charge(
        reference=text_in(session, "client_reference_id"),
        provider_id=_number(session),
        outcome=outcome,
        amount=_arrived(session, currency) if outcome == Outcome.SUCCEEDED else ZERO,
        currency=currency,
        channel=_channel(session),
        is_live=yes_or_no_in(session, "livemode"),
        merchant=merchant,
    )


def _outcome_told(kind: str, session: Mapping[str, Any]) -> Outcome:
    """Tell the outcome by the kind of event: the session alone does not say that a payment failed.

    Raises:
        Unreadable: kind and session contradict each other.
    """
    if kind == FAILED_LATER:
        if text_in(session, "payment_status") != "unpaid":
            raise Unreadable("A payment that failed is paid.")
        return Outcome.FAILED
    outcome = _outcome(session)
    expected = {
        COMPLETED: {Outcome.SUCCEEDED, Outcome.PENDING},
        PAID_LATER: {Outcome.SUCCEEDED},
        EXPIRED: {Outcome.ABANDONED},
    }
    if outcome not in expected[kind]:
        raise Unreadable(f"{kind} with a session that is {outcome}.")
    return outcome


def _outcome(session: Mapping[str, Any]) -> Outcome:
    payment, status = text_in(session, "payment_status"), text_in(session, "status")
    if payment == "paid":
        return Outcome.SUCCEEDED
    if payment != "unpaid":
        raise Unreadable("A payment of nothing is none of ours.")
    if status == "expired":
        return Outcome.ABANDONED
    if status not in {"open", "complete"}:
        raise Unreadable("The session's status is unknown.")
    intent = session.get("payment_intent")
    has_failed = isinstance(intent, dict) and intent.get("status") in INTENTS_THAT_FAILED
    # An open session lets its customer try another card.
    return Outcome.FAILED if has_failed and status == "complete" else Outcome.PENDING


def _number(session: Mapping[str, Any]) -> str:
    intent = session.get("payment_intent")
    if intent is None:
        return text_in(session, "id")
    return text_in(intent if isinstance(intent, dict) else {"id": intent}, "id")


def _arrived(session: Mapping[str, Any], currency: str) -> Decimal:
    try:
        minor = whole_number_in(session, "amount_total")
        amount = from_minor(minor, currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise Unreadable(str(problem)) from None
    if not amount:
        raise Unreadable("A payment of nothing cannot succeed.")
    return amount


def _channel(session: Mapping[str, Any]) -> Channel | None:
    """Name the channel where the session allowed one: it does not say which was used."""
    allowed = session.get("payment_method_types")
    if isinstance(allowed, list) and len(allowed) == 1:
        return CHANNELS.get(str(allowed[0]))
    return None
