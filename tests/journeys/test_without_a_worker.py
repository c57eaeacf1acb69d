"""A day on which the worker is down: people order, pay and are confirmed; then all catches up."""

import pytest
from django.test import Client

from mdv.accounts.roles import Role
from mdv.events.models import WebhookDelivery
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.ops.reconcile import check_invariants
from shop.orders.models import Order
from shop.payments.models import Payment
from tests.accounts.people import make_staff
from tests.events.happenings import hook
from tests.events.receivers import Receiver
from tests.jobs.workers import worker
from tests.ops.shops import wait_until
from tests.ops.simulators import PAYSTACK_KEY, Simulators
from tests.orders.ordering import act, deliver_everywhere, guest, placed, sell

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

BANNER = "No worker is running"
CATCHING_UP_S = 90


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def paystack(settings, monkeypatch):
    """A provider that tells nobody who has paid: the shop has to ask."""
    simulators = Simulators()
    given = {"PAYSTACK_SECRET_KEY": PAYSTACK_KEY, "PAYSTACK_API_URL": f"{simulators.url}/paystack"}
    for name, value in given.items():
        setattr(settings, name, value)
        monkeypatch.setenv(name, value)
    yield simulators
    simulators.end()


def pay(paystack, order):
    """Start a payment and pay it on the provider's page."""
    token = {"X-Order-Token": order["access_token"]}
    path = f"/orders/{order['number']}/payments"
    started = act(guest(), path, {"provider": "paystack"}, **token)
    assert started.status_code == 201, started.content
    assert paystack.choose(started.json()["redirect_url"]).status_code in {200, 302, 303}


@pytest.fixture
def staff(transactional_db):
    client = Client()
    client.force_login(make_staff(Role.ADMIN))
    return client


def is_told(staff):
    return BANNER in staff.get("/admin/").content.decode()


def mails():
    return sorted(Mail.objects.values_list("kind", "about_id", "state"))


def test_orders_and_payments_go_on_and_mails_events_and_look_ups_catch_up(
    paystack, receiver, staff
):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    hook(receiver.url)

    online = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="online")
    others = [placed(guest(), ("SHIRT", 1), total="2000.00") for _ in range(3)]
    pay(paystack, online)
    before = (is_told(staff), mails(), list(receiver.received), WebhookDelivery.objects.count())
    # Instead of waiting for two minutes.
    Payment.objects.update(next_look_at=clock.now())
    with worker():
        wait_until(lambda: Order.objects.filter(status="confirmed").exists(), CATCHING_UP_S)
        wait_until(lambda: len(receiver.received) == len(others) + 3, CATCHING_UP_S)
        wait_until(lambda: {state for _, _, state in mails()} == {"sent"}, CATCHING_UP_S)
        after = is_told(staff)

    ids = {order.number: str(order.pk) for order in Order.objects.all()}
    paid = ids[online["number"]]
    assert before == (True, [], [], 0)
    assert after is False
    assert receiver.places == [1, 2, 3, 4, 5, 6]
    assert mails() == sorted(
        [("order_placed", pk, "sent") for pk in ids.values()] + [("order_paid", paid, "sent")]
    )
    assert Payment.objects.get().state == "captured"
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []
