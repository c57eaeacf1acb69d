"""Notices as the providers' documents show them, signed by hand."""

import hashlib
import hmac
import json

from tests.ops.simulators import PAYSTACK_KEY, WEBHOOK_SECRET
from tests.payments.gateways.wanting import now

PAYSTACK_CHARGE = {
    "id": 4099260516,
    "domain": "test",
    "status": "success",
    "reference": "mdv-1",
    "amount": 150_000,
    "channel": "card",
    "currency": "NGN",
}
SESSION = {
    "id": "cs_test_1",
    "object": "checkout.session",
    "amount_total": 150_000,
    "client_reference_id": "mdv-1",
    "currency": "ngn",
    "livemode": False,
    "payment_intent": "pi_1",
    "payment_method_types": ["card"],
    "payment_status": "paid",
    "status": "complete",
}


def paystack_event(kind="charge.success", **changes):
    return {"event": kind, "data": PAYSTACK_CHARGE | changes}


def stripe_event(kind="checkout.session.completed", *, event=None, **changes):
    session = SESSION | changes
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "livemode": session["livemode"],
        "data": {"object": session},
        **(event or {}),
    }


def paystack_headers(body, secret=PAYSTACK_KEY):
    signature = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
    return {"X-Paystack-Signature": signature}


def stripe_headers(body, secret=WEBHOOK_SECRET, at=None):
    moment = int((at or now()).timestamp())
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return {"Stripe-Signature": f"t={moment},v1={signature.hexdigest()}"}


def signed(name, event):
    """Return the body and headers of one provider's notice; `event` is bytes, or becomes JSON."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return body, {"paystack": paystack_headers, "stripe": stripe_headers}[name](body)


def without(facts, name):
    return {key: value for key, value in facts.items() if key != name}


PAYSTACK_REFUND = {
    "status": "processed",
    "transaction_reference": "mdv-1",
    "refund_reference": None,
    "amount": "150000",
    "currency": "NGN",
    "domain": "test",
}
PAYSTACK_DISPUTE = {
    "id": 9,
    "refund_amount": 150_000,
    "currency": "NGN",
    "status": "resolved",
    "resolution": "merchant-accepted",
    "domain": "test",
    "transaction": {"id": 4099260516, "reference": "mdv-1"},
}
STRIPE_REFUND = {
    "id": "re_1",
    "object": "refund",
    "amount": 150_000,
    "currency": "ngn",
    "metadata": {"key": "rf-1-1"},
    "payment_intent": "pi_1",
    "status": "succeeded",
}
STRIPE_DISPUTE = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 150_000,
    "currency": "ngn",
    "livemode": False,
    "payment_intent": "pi_1",
    "reason": "fraudulent",
    "status": "needs_response",
}


def stripe_event_about(thing, kind, **event):
    """An event about a refund or a dispute."""
    facts = {"id": "evt_1", "object": "event", "type": kind, "livemode": False}
    return {**facts, "data": {"object": thing}, **event}
