"""Web processes killed between promising money back and the provider: it goes back once.

`make test-long` runs it some fifty times.
"""

import os
import threading
import time
from datetime import timedelta

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from refunds import services
from refunds.models import Refund
from refunds.services.look_times import LOST_AFTER
from shop.payments.services import send_payment, verify_payment
from tests.ops.shops import wait_until
from tests.orders.ordering import deliver_everywhere, new_key, sell, staff
from tests.payments.notices import begun, online_order
from tests.races.crowds import Client
from tests.races.test_inbox import kill_web_processes
from tests.races.test_starting_payments import paystack

__all__ = ["paystack"]  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

REFUNDS = int(os.environ.get("KILLED_REFUNDS", "6"))
AT_ONCE = 3  # fewer than the outages after which a provider is not asked for a while
PATIENCE_S = 120
A_DAY = timedelta(days=1)
SHIPPING = {"shipping": "100.00", "reason": "price"}


class Clerk(threading.Thread):
    """Gives money back, and asks again with the same key until there is an answer."""

    def __init__(self, web, token, number):
        super().__init__()
        self.client = Client(web, token)
        self.path, self.key = f"/staff/orders/{number}/refunds", new_key()
        plan = self.client.send("POST", f"{self.path}/preview", SHIPPING).json()
        self.body = {**SHIPPING, "plan_hash": plan["plan_hash"]}
        self.lost, self.answer = 0, None

    def run(self):
        deadline = time.monotonic() + PATIENCE_S
        while self.answer is None and time.monotonic() < deadline:
            try:
                answer = self.client.act(self.path, self.body, key=self.key)
            except OSError:
                self.lost += 1
            else:
                if answer.status == 201:
                    self.answer = answer.json()
                    return
            time.sleep(0.5)


def paid_order(paystack):
    """The number of an order that was paid at the provider."""
    order = online_order(("SHIRT", 1), total="2000.00")
    started = send_payment(reference=begun(order).reference, at=clock.now())
    paystack.choose(started.redirect_url)
    verify_payment(reference=started.reference, at=clock.now())
    return order["number"]


def test_killed_before_the_provider_heard_of_it_each_refund_is_given_once(paystack, web):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=REFUNDS)
    token = staff(Role.SUPERVISOR).token
    clerks = []
    for _ in range(0, REFUNDS, AT_ONCE):
        batch = [Clerk(web, token, paid_order(paystack)) for _ in range(AT_ONCE)]
        paystack.turn("paystack", answer="silent", seconds=PATIENCE_S)
        before = Refund.objects.count()
        for clerk in batch:
            clerk.start()
        asked = Refund.objects.filter(state="processing")
        wait_until(lambda before=before, asked=asked: asked.count() == before + AT_ONCE, PATIENCE_S)
        kill_web_processes()
        paystack.turn("paystack", answer="normal")
        for clerk in batch:
            clerk.join()
        assert any(clerk.lost for clerk in batch), "nobody was hit"
        clerks += batch
    services.look_up_refunds(at=clock.now() + 2 * LOST_AFTER)  # asked again: not known there
    services.look_up_refunds(at=clock.now() + A_DAY)  # what Paystack has taken is done by now

    numbers = {refund["number"] for clerk in clerks for refund in clerk.answer["refunds"]}
    done = [
        call["body"]
        for call in paystack.calls("paystack")
        if (call["method"], call["path"].endswith("/refund"), call["status"]) == ("POST", True, 200)
    ]
    print(  # noqa: T201 (the figures of the run)
        f"\n{len(clerks)} refunds, {sum(c.lost for c in clerks)} connections lost, "
        f"{len(done)} at the provider"
    )
    assert len(numbers) == len(clerks) == Refund.objects.count() == len(done)
    for refund in Refund.objects.all():
        assert refund.state == "succeeded"
        assert [refund.key in body for body in done].count(True) == 1
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []
