"""Real workers: one that is killed, and none at all. What happened is told in the end."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.db import connection

from mdv.events.models import WebhookAttempt, WebhookDelivery
from mdv.kernel import clock
from tests.events.happenings import deliveries, happen, hook
from tests.ops.shops import CHECKOUT, wait_until
from tests.orders.ordering import deliver_everywhere, guest, placed, sell

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORKING_S = 60
ENDING_S = 30


@contextmanager
def worker():
    place = connection.settings_dict
    url = f"postgres://{place['USER']}@{quote(place['HOST'], safe='')}/{place['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": url},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(ENDING_S)


def are_delivered():
    return {delivery.state for delivery in deliveries()} == {"delivered"}


def test_a_worker_that_is_killed_while_it_delivers_loses_nothing(receiver):
    hook(receiver.url)
    happen()
    receiver.may_answer.clear()
    with worker() as first:
        assert receiver.arrived.acquire(timeout=WORKING_S)
        first.kill()
        first.wait(ENDING_S)
    (left,) = deliveries()
    claimed = left.claimed_until > clock.now()
    # Instead of waiting until the claim ends by itself.
    WebhookDelivery.objects.update(claimed_until=clock.now())
    receiver.may_answer.set()

    with worker():
        wait_until(are_delivered, WORKING_S)

    assert (left.state, claimed) == ("queued", True)
    assert receiver.places == [1, 1]
    assert [r.headers["Mdv-Attempt"] for r in receiver.received] == ["1", "2"]
    assert [a.number for a in WebhookAttempt.objects.all()] == [2]


def test_without_a_worker_orders_go_on_and_all_is_told_when_one_is_back(receiver):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    hook(receiver.url)

    numbers = [placed(guest(), ("SHIRT", 1), total="2000.00")["number"] for _ in range(5)]
    before = list(receiver.received)
    with worker():
        wait_until(lambda: len(receiver.received) == len(numbers), WORKING_S)
        wait_until(are_delivered, WORKING_S)

    assert before == []
    assert [d.event.number for d in deliveries()] == numbers
    assert receiver.places == [1, 2, 3, 4, 5]
