"""Many deliveries of many notices at once, while web processes die: each payment counts once.

`make test-long` runs it in full; the figures of a run are printed with `pytest -s`.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from shop.orders.models import Order
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import apply_waiting_events
from tests.ops.production import parent_of
from tests.ops.simulators import STRIPE_KEY
from tests.ops.simulators import WEBHOOK_SECRET as STRIPE_SECRET
from tests.orders.ordering import deliver_everywhere, sell
from tests.payments.gateways.notices import paystack_headers, stripe_event, stripe_headers
from tests.payments.notices import PATH, SECRET, begun, online_order, told

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

STRIPE_PATH = "/api/v1/webhooks/stripe"
PAYMENTS = int(os.environ.get("PAYMENTS", "50"))
DELIVERIES_EACH = 20
SENDERS = 32
KILLED = 2
PATIENCE_S = 30
TRIES = 8


@pytest.fixture
def keys(settings, monkeypatch):
    given = {
        "PAYSTACK_SECRET_KEY": SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET": STRIPE_SECRET,
    }
    for name, value in given.items():
        setattr(settings, name, value)
        monkeypatch.setenv(name, value)


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

    def deliver(self, body):
        for _ in range(TRIES):
            status = self.send(PATH, body, paystack_headers(body, secret=SECRET))
            if status == 200:
                return
            time.sleep(0.1)
        raise AssertionError("the shop never took it")

    def send(self, path, body, headers):
        """Send it once; return the status, or nothing if the connection was lost."""
        started = time.perf_counter()
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE_S)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
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
    notices = [json.dumps(told(payment)).encode() for payment in payments]
    deliveries = notices * DELIVERIES_EACH
    random.Random(1).shuffle(deliveries)  # noqa: S311 (an order that can be repeated)

    with ThreadPoolExecutor(SENDERS) as senders:
        done = [senders.submit(provider.deliver, delivery) for delivery in deliveries]
        for part in range(1, KILLED + 1):
            wait_for(done, len(done) * part // (KILLED + 2))
            kill_web_processes(1)
        for delivery in done:
            delivery.result()
    apply_waiting_events(at=clock.now())

    print(  # noqa: T201 (the figures of the run)
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
    forged = [what for payment in payments for what in forgeries(payment)]

    with ThreadPoolExecutor(SENDERS) as senders:
        statuses = list(senders.map(lambda what: provider.send(*what), forged))

    print(f"\n{len(forged)} forged, answers {sorted(set(statuses))}")  # noqa: T201
    assert set(statuses) == {403}
    assert not GatewayEvent.objects.exists()
    assert set(Payment.objects.values_list("state", flat=True)) == {"initiated"}


def forgeries(payment):
    """Notices that say a payment was made, as strangers would send them: path, body, headers."""
    body = json.dumps(told(payment)).encode()
    by_paystack = paystack_headers(body, secret=SECRET)
    of_stripe = json.dumps(stripe_event(client_reference_id=payment.reference)).encode()
    at, long_ago = clock.now(), clock.now() - timedelta(minutes=6)
    by_stripe = stripe_headers(of_stripe, secret=STRIPE_SECRET, at=at)
    return [
        (PATH, body, {}),
        (PATH, body, {"X-Paystack-Signature": "0" * 128}),
        (PATH, body.replace(b"success", b"Success"), by_paystack),
        (PATH, body, paystack_headers(body, secret="")),
        (PATH, body, paystack_headers(body, secret=STRIPE_SECRET)),
        (PATH, of_stripe, by_stripe),
        (STRIPE_PATH, body, by_paystack),
        (STRIPE_PATH, body, stripe_headers(body, secret=SECRET, at=at)),
        (STRIPE_PATH, of_stripe, stripe_headers(of_stripe, secret="", at=at)),
        (STRIPE_PATH, of_stripe, stripe_headers(of_stripe, secret=STRIPE_SECRET, at=long_ago)),
        (STRIPE_PATH, of_stripe + b" ", by_stripe),
    ]


def wait_for(done, count):
    deadline = time.monotonic() + PATIENCE_S * 20
    while sum(delivery.done() for delivery in done) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
