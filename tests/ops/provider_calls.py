"""Calling the simulated providers as a shop would, right or wrong."""

import time

from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY


class PaystackCaller:
    def __init__(self, client):
        self.client = client
        self.number = time.monotonic_ns()

    def ask(self, method, path, body=None, key=PAYSTACK_KEY):
        headers = {"Authorization": f"Bearer {key}"}
        return self.client.request(method, f"/paystack{path}", json=body, headers=headers)

    def initialize(self, **changes):
        self.number += 1
        facts = {"email": "ada@example.com", "amount": "150000", "reference": f"p-{self.number}"}
        return self.ask("POST", "/transaction/initialize", facts | changes)

    def paid(self, simulators):
        opened = self.initialize().json()["data"]
        simulators.choose(opened["authorization_url"])
        return opened["reference"]

    def refund(self, **facts):
        return self.ask("POST", "/refund", facts)


class StripeCaller:
    def __init__(self, client):
        self.client = client

    def ask(self, method, path, form=None, key=STRIPE_KEY, **headers):
        given = {"Authorization": f"Bearer {key}", "Stripe-Version": "2026-10-28.endive", **headers}
        return self.client.request(method, f"/stripe/v1{path}", data=form, headers=given)

    def session(self, key="", **changes):
        form = {
            "mode": "payment",
            "success_url": "https://shop.example.com/paid",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "ngn",
            "line_items[0][price_data][unit_amount]": "150000",
            "line_items[0][price_data][product_data][name]": "Order M-1",
            **changes,
        }
        form = {name: value for name, value in form.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/checkout/sessions", form, **headers)

    def paid(self, simulators):
        opened = self.session().json()
        simulators.choose(opened["url"])
        return self.ask("GET", f"/checkout/sessions/{opened['id']}").json()["payment_intent"]

    def refund(self, key="", **form):
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/refunds", form, **headers)


def assert_refused(answer, status, words):
    said = answer.json()
    assert answer.status_code == status
    assert words in (said["error"]["message"] if "error" in said else said["message"])
