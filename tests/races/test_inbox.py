"""Many deliveries of many notices at once, while web processes die: each payment counts once.

`make drill` runs it in full; the figures of a run are printed with `pytest -s`.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from shop.orders.models import Order
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import apply_waiting_events
from tests.ops.production import parent_of
from tests.orders.ordering import deliver_everywhere, sell
from tests.payments.notices import PATH, SECRET, begun, online_order, signed, told

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

PAYMENTS = int(os.environ.get("PAYMENTS", "50"))
DELIVERIES_EACH = 20
SENDERS = 32
KILLED = 2
PATIENCE_S = 30
TRIES = 8


@pytest.fixture
def keys(settings, monkeypatch):
    settings.PAYSTACK_SECRET_KEY = SECRET
    monkeypatch.setenv("PAYSTACK_SECRET_KEY", SECRET)


@pytest.fixture
def payments(keys, transactional_db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=PAYMENTS)
    return [begun(online_order(("SHIRT", 1), total="2000.00")) for _ in range(PAYMENTS)]


class Provider:
    """Delivers like one: a connection per delivery, and again after anything but a 200."""

    def __init__(self, shop):
        self.place = urlsplit(shop.url).netloc
        self.lock = threading.Lock()
        self.seconds, self.statuses, self.lost = [], [], 0

    def deliver(self, body, signature):
        for _ in range(TRIES):
            status = self._send(body, signature)
            if status == 200:
                return
            time.sleep(0.1)
        raise AssertionError("the shop never took it")

    def deliver_once(self, body, signature):
        return self._send(body, signature)

    def _send(self, body, signature):
        started = time.perf_counter()
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE_S)
        headers = {"X-Paystack-Signature": signature, "Content-Type": "application/json"}
        try:
            connection.request("POST", PATH, body, headers)
            status = connection.getresponse().status
        except OSError:
            with self.lock:
                self.lost += 1
            return None
        finally:
            connection.close()
        with self.lock:
            self.seconds.append(time.perf_counter() - started)
            self.statuses.append(status)
        return status

    def p99(self):
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def web_processes():
    """The workers of the gunicorn that is our child."""
    found = []
    for entry in Path("/proc").iterdir():
        parent = parent_of(int(entry.name)) if entry.name.isdigit() else 0
        if parent and parent != os.getpid() and parent_of(parent) == os.getpid():
            command = Path(entry, "cmdline")
            if command.exists() and b"gunicorn" in command.read_bytes():
                found.append(int(entry.name))
    return found


def kill_web_processes(how_many=None):
    """Kill workers, all of them or so many; gunicorn starts others."""
    workers = web_processes()[:how_many]
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGKILL)


def test_each_payment_counts_once_however_often_and_oddly_it_is_told(payments, web):
    provider = Provider(web)
    deliveries = []
    for payment in payments:
        body = json.dumps(told(payment)).encode()
        deliveries += [(body, signed(body))] * DELIVERIES_EACH
    random.Random(1).shuffle(deliveries)  # noqa: S311 (an order that can be repeated)

    with ThreadPoolExecutor(SENDERS) as senders:
        done = [senders.submit(provider.deliver, *delivery) for delivery in deliveries]
        for part in range(1, KILLED + 1):
            wait_for(done, len(done) * part // (KILLED + 2))
            kill_web_processes(1)
        for delivery in done:
            delivery.result()
    apply_waiting_events(at=clock.now())

    print(  # noqa: T201 (the figures of the drill)
        f"\n{len(payments)} payments, {len(deliveries)} deliveries, {provider.lost} lost, "
        f"answers {sorted(set(provider.statuses))}, p99 {provider.p99() * 1000:.0f} ms"
    )
    assert set(GatewayEvent.objects.values_list("outcome", flat=True)) == {"applied"}
    assert GatewayEvent.objects.count() == len(payments)
    assert Payment.objects.filter(state="captured", captured=2000).count() == len(payments)
    paid = Order.objects.filter(status="confirmed", payment_status="paid")
    assert paid.count() == len(payments)
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []
    assert not [status for status in provider.statuses if status not in {200, 503}]


def test_nothing_forged_altered_stale_or_misdirected_is_taken(payments, web):
    provider = Provider(web)
    forged = []
    for number, payment in enumerate(payments):
        body = json.dumps(told(payment)).encode()
        forged += [
            (body, ""),
            (body, "0" * 128),
            (body.replace(b"success", b"Success"), signed(body)),
            (body, signed(body, secret="")),
            (body, signed(body, secret=f"sk_test_{number}")),
        ]

    with ThreadPoolExecutor(SENDERS) as senders:
        statuses = set(senders.map(lambda pair: provider.deliver_once(*pair), forged))

    assert statuses == {403}
    assert not GatewayEvent.objects.exists()
    assert set(Payment.objects.values_list("state", flat=True)) == {"initiated"}


def wait_for(done, count):
    deadline = time.monotonic() + PATIENCE_S * 20
    while sum(delivery.done() for delivery in done) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
