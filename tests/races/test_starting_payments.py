"""Web processes killed between writing a payment down and the provider's answer: nothing is lost.

`make test-long` runs it some two hundred times.
"""

import os
import threading
import time

import pytest

from mdv.ops.reconcile import check_invariants
from shop.payments.models import Payment
from tests.ops.shops import wait_until
from tests.ops.simulators import PAYSTACK_KEY, Simulators
from tests.orders.ordering import deliver_everywhere, new_key, sell
from tests.payments.notices import online_order
from tests.races.crowds import Client
from tests.races.test_inbox import kill_web_processes

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

PAYMENTS = int(os.environ.get("KILLED_PAYMENTS", "15"))
AT_ONCE = 3  # fewer than the outages after which a provider is not asked for a while
PATIENCE_S = 90


@pytest.fixture
def paystack(settings, monkeypatch):
    simulators = Simulators()
    given = {"PAYSTACK_SECRET_KEY": PAYSTACK_KEY, "PAYSTACK_API_URL": f"{simulators.url}/paystack"}
    for name, value in given.items():
        setattr(settings, name, value)
        monkeypatch.setenv(name, value)
    yield simulators
    simulators.end()


class Customer(threading.Thread):
    """Starts a payment, and asks again with the same key until there is a page to pay on."""

    def __init__(self, web, order):
        super().__init__()
        self.client = Client(web)
        self.order, self.key = order, new_key()
        self.lost, self.answer = 0, None

    def run(self):
        path = f"/orders/{self.order['number']}/payments"
        token = {"X-Order-Token": self.order["access_token"]}
        deadline = time.monotonic() + PATIENCE_S
        while self.answer is None and time.monotonic() < deadline:
            try:
                answer = self.client.act(path, {"provider": "paystack"}, key=self.key, **token)
            except OSError:
                self.lost += 1
            else:
                if answer.status == 201:
                    self.answer = answer.json()
                    return
            time.sleep(0.5)


def test_killed_before_the_provider_heard_of_it_each_payment_is_started_once(paystack, web):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=PAYMENTS)
    customers = []
    for _ in range(0, PAYMENTS, AT_ONCE):
        orders = [online_order(("SHIRT", 1), total="2000.00") for _ in range(AT_ONCE)]
        paystack.turn("paystack", answer="silent", seconds=PATIENCE_S)
        before = Payment.objects.count()
        batch = [Customer(web, order) for order in orders]
        for customer in batch:
            customer.start()
        wait_until(lambda before=before: Payment.objects.count() == before + AT_ONCE, PATIENCE_S)
        kill_web_processes()
        paystack.turn("paystack", answer="normal")
        for customer in batch:
            customer.join()
        assert any(customer.lost for customer in batch), "nobody was hit"
        customers += batch

    references = [customer.answer["reference"] for customer in customers]
    heard = [call for call in paystack.calls("paystack") if call["status"] == 200]
    print(  # noqa: T201 (the figures of the run)
        f"\n{len(customers)} payments, {sum(c.lost for c in customers)} connections lost, "
        f"{len(heard)} starts at the provider"
    )
    assert len(set(references)) == len(customers) == Payment.objects.count()
    assert len(heard) == len(customers)
    assert set(Payment.objects.values_list("state", flat=True)) == {"initiated"}
    assert not Payment.objects.filter(redirect_url="").exists()
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []
