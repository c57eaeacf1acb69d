"""Which kind of notice of Paystack's says what (https://paystack.com/docs/payments/webhooks)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shop.payments.gateways.base import Notice
from shop.payments.gateways.paystack_reading import CHARGE_SUCCEEDED, read_success
from shop.payments.gateways.paystack_refunds import (
    CONCERNS,
    REFUND_KINDS,
    read_dispute,
    read_refund_notice,
)
from shop.payments.gateways.reading import (
    Unreadable,
    object_in,
    read_object,
    text_in,
    whole_number_in,
)


def read_event(body: bytes, *, at: datetime) -> Notice:
    """Read a webhook's body, which came at a moment.

    Raises:
        Unreadable: it is not what Paystack's documents describe.
    """
    event = read_object(body)
    kind = text_in(event, "event")
    if kind == CHARGE_SUCCEEDED:
        return read_success(event)
    if kind in REFUND_KINDS:
        return read_refund_notice(kind, object_in(event, "data"), body=body, at=at)
    key = f"{kind}:{_name_of_fact(event, body)}"
    if kind in CONCERNS:
        return read_dispute(kind, object_in(event, "data"), key=key)
    return Notice(key=key, kind=kind, charge=None)


def _name_of_fact(event: Mapping[str, Any], body: bytes) -> str:
    """Name an event that is not about money: some kinds carry no id. Retries repeat bytes."""
    facts = event.get("data")
    try:
        return str(whole_number_in(facts if isinstance(facts, dict) else {}, "id"))
    except Unreadable:
        return hashlib.sha256(body).hexdigest()
