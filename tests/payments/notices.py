"""Notices as Paystack sends them, signed with the shop's test key, and payments they are about."""

import hashlib
import hmac
import itertools
import json

from django.test import Client

from mdv.kernel import clock
from shop.orders.models import Order
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import begin_payment
from shop.payments.states import Provider
from tests.orders.ordering import guest, order_of, place

SECRET = "sk_test_0123456789abcdef0123456789abcdef01234567"
PATH = "/api/v1/webhooks/paystack"

_numbers = itertools.count(4_099_260_516)


def online_order(*lines, total, caller=None, **changes):
    """An order that is to be paid online, as its customer got it."""
    body = order_of(*lines, total=total, payment_method="online", **changes)
    answer = place(caller or guest(), body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def begun(order):
    """A payment of what is due, as it is before the provider has heard of it."""
    return begin_payment(number=order["number"], provider=Provider.PAYSTACK, at=clock.now())


def told(payment, **changes):
    """What Paystack says of a payment that succeeded, but for the changes."""
    data = {
        "id": next(_numbers),
        "domain": "test",
        "status": "success",
        "reference": payment if isinstance(payment, str) else payment.reference,
        "amount": 0 if isinstance(payment, str) else int(payment.amount * 100),
        "currency": "NGN",
        "channel": "card",
        "paid_at": "2026-11-21T10:00:00.000Z",
        "customer": {"email": "ada@example.com"},
    }
    return {"event": "charge.success", "data": {**data, **changes}}


def signed(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


def send(notice, *, secret=SECRET, path=PATH, **headers):
    """Send a notice (a dict, or bytes as they are) as Paystack does."""
    body = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
    headers = {"X-Paystack-Signature": signed(body, secret), **headers}
    client = Client(raise_request_exception=False)
    return client.post(path, body, content_type="application/json", headers=headers)


def event():
    return GatewayEvent.objects.get()


def now(order):
    return Order.objects.get(number=order["number"])


def payment_of(order):
    return Payment.objects.get(order__number=order["number"])
