"""Which kind of Stripe's events says what (https://docs.stripe.com/api/events/types)."""

from shop.payments.gateways.base import Notice
from shop.payments.gateways.reading import (
    Unreadable,
    object_in,
    read_object,
    text_in,
    yes_or_no_in,
)
from shop.payments.gateways.stripe_reading import ABOUT_PAYMENTS, read_session_notice
from shop.payments.gateways.stripe_refunds import (
    CONCERNS,
    DISPUTE_TOOK,
    REFUND_KINDS,
    read_refund_notice,
    read_withdrawal,
)


def read_event(body: bytes) -> Notice:
    """Read a webhook's body.

    Raises:
        Unreadable: it is not what Stripe's documents describe.
    """
    event = read_object(body)
    if event.get("object") != "event":
        raise Unreadable("This is not an event.")
    key, kind = text_in(event, "id"), text_in(event, "type")
    if kind not in ABOUT_PAYMENTS | REFUND_KINDS | {DISPUTE_TOOK}:
        return Notice(key=key, kind=kind, charge=None, concern=CONCERNS.get(kind, ""))
    told = object_in(object_in(event, "data"), "object")
    is_live = yes_or_no_in(event, "livemode")
    account = text_in(event, "account") if "account" in event else ""
    if kind in REFUND_KINDS:
        return read_refund_notice(kind, told, is_live=is_live, merchant=account)
    if kind == DISPUTE_TOOK:
        return read_withdrawal(kind, told, is_live=is_live, merchant=account)
    return read_session_notice(kind, told, is_live=is_live, merchant=account, key=key)
