"""A real worker that is killed while it delivers. What happened is told in the end."""

import pytest

from mdv.events.models import WebhookAttempt, WebhookDelivery
from mdv.kernel import clock
from tests.events.happenings import deliveries, happen, hook
from tests.jobs.workers import ENDING_S, worker
from tests.ops.shops import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORKING_S = 60


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
