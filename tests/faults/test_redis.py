"""Without Redis everything goes on: nobody waits long, nobody is logged out."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from mdv.limits.counting import BREAKER_OPEN_S
from tests.faults.house import PRICE

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timed]

LONGEST_S = 2  # a few timeouts of 100 ms, on a machine that has other things to do


@contextmanager
def away(house, how):
    """Let Redis be gone, or be there and not answer."""
    time.sleep(BREAKER_OPEN_S)  # what the test before taught the processes is forgotten
    if how == "gone":
        house.stop_redis()
        yield
        house.start_redis()
    else:
        os.kill(house.redis.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(house.redis.process.pid, signal.SIGCONT)


def timed(act):
    started = time.monotonic()
    return act(), time.monotonic() - started


@pytest.mark.parametrize("how", ["gone", "hung"])
def test_people_browse_log_in_order_and_work_in_the_back_office(house, how):
    acts = {
        "browse": (house.browse, 200),
        "log in": (house.log_in, 200),
        "profile": (lambda: house.own_profile(house.token), 200),
        "stranger": (house.own_profile, 401),
        "order": (house.order, 201),
        "home page": (house.page, 200),
        "orders": (lambda: house.page("/admin/orders/order/"), 200),
        "products": (lambda: house.page("/admin/catalog/product/"), 200),
    }

    with away(house, how):
        done = {what: timed(act) for what, (act, _) in acts.items()}
        health = house.health()

    answered = {what: answer.status_code for what, (answer, _) in done.items()}
    assert answered == {what: status for what, (_, status) in acts.items()}
    assert done["order"][0].json()["total"] == PRICE
    assert max(seconds for _, seconds in done.values()) < LONGEST_S
    assert (health[0], health[1]["status"]) == (200, "degraded")
    assert health[1]["checks"]["redis"] == {"status": "down"}


def test_sessions_and_tokens_survive_a_redis_that_forgot_everything(house):
    house.stop_redis()
    house.start_redis()

    assert house.page().status_code == 200
    assert house.own_profile(house.token).status_code == 200
    assert house.health()[1]["checks"]["redis"] == {"status": "ok"}
