"""What Paystack tells of a transaction, in the shop's words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mdv.kernel.money import ZERO
from shop.payments.gateways.base import Charge, Notice, Outcome
from shop.payments.gateways.minor_units import DoesNotFit, from_minor
from shop.payments.gateways.reading import (
    Unreadable,
    currency_in,
    object_in,
    text_in,
    whole_number_in,
)
from shop.payments.states import Channel

MODES = {"live": True, "test": False}
CHARGE_SUCCEEDED = "charge.success"
# Counted in hundredths although ISO 4217 gives them no decimals. Not offered, but may arrive.
DEPARTURES = {"RWF": 2, "XOF": 2}

# https://paystack.com/docs/payments/verify-payments: "reversed" was refunded or charged back.
# "abandoned" means that nobody has paid yet; that customer may still do it.
OUTCOMES = {
    "success": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "reversed": Outcome.FAILED,
    "abandoned": Outcome.ABANDONED,
    "ongoing": Outcome.PENDING,
    "pending": Outcome.PENDING,
    "processing": Outcome.PENDING,
    "queued": Outcome.PENDING,
}
CHANNELS = {
    "card": Channel.CARD,
    "apple_pay": Channel.CARD,
    "bank": Channel.BANK_TRANSFER,
    "bank_transfer": Channel.BANK_TRANSFER,
    "dedicated_nuban": Channel.BANK_TRANSFER,
    "eft": Channel.BANK_TRANSFER,
    "ussd": Channel.BANK_TRANSFER,
}


def read_success(event: Mapping[str, Any]) -> Notice:
    """Read the notice of a charge that succeeded.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    charge = read_charge(object_in(event, "data"))
    if charge.outcome != Outcome.SUCCEEDED:
        raise Unreadable("A charge that succeeded has another status.")
    return Notice(
        key=f"{CHARGE_SUCCEEDED}:{charge.provider_id}", kind=CHARGE_SUCCEEDED, charge=charge
    )


def read_charge(facts: Mapping[str, Any]) -> Charge:
    """Read a transaction, as webhooks and look-ups tell it alike.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    outcome = OUTCOMES.get(text_in(facts, "status"))
    mode = MODES.get(text_in(facts, "domain"))
    if outcome is None or mode is None:
        raise Unreadable("The status or the domain is unknown.")
    currency = currency_in(facts, "currency")
    return Charge(
        reference=text_in(facts, "reference"),
        provider_id=str(whole_number_in(facts, "id")),
        outcome=outcome,
        amount=_arrived(facts, currency) if outcome == Outcome.SUCCEEDED else ZERO,
        currency=currency,
        channel=CHANNELS.get(str(facts.get("channel"))),
        is_live=mode,
    )


def _arrived(facts: Mapping[str, Any], currency: str) -> Decimal:
    try:
        amount = from_minor(whole_number_in(facts, "amount"), currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise Unreadable(str(problem)) from None
    if not amount:
        raise Unreadable("A charge of nothing cannot succeed.")
    return amount
