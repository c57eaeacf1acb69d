"""Limits under real threads: exact to the hit, in Redis and without it."""

import threading

import pytest
from django.db import connections

from mdv.kernel.errors import TooMany
from mdv.limits import counting
from mdv.limits.services import enforce

THREADS = 64

pytestmark = [pytest.mark.real_limits, pytest.mark.django_db(transaction=True)]


def outcomes_of(number, act):
    """Start `number` threads at once and return what each came to."""
    gate = threading.Barrier(number)
    outcomes = []

    def run():
        gate.wait()
        try:
            act()
            outcomes.append("passed")
        except TooMany:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {outcome: outcomes.count(outcome) for outcome in outcomes}


def test_of_sixty_four_hits_at_once_exactly_five_pass(db):
    outcomes = outcomes_of(THREADS, lambda: enforce("login", "ada"))

    assert outcomes == {"passed": 5, "refused": THREADS - 5}


@pytest.mark.parametrize("scope", ["login", "search"])
def test_exactly_as_many_pass_while_redis_is_away(scope, monkeypatch, settings):
    settings.RATE_LIMITS = {scope: "5/d"}
    breaker = counting.Breaker()
    for _ in range(counting.ERRORS_THAT_OPEN_THE_BREAKER):
        breaker.failed()
    monkeypatch.setattr(counting, "_breaker", breaker)
    monkeypatch.setattr(counting, "_in_process", counting.ProcessCounts())

    outcomes = outcomes_of(THREADS, lambda: enforce(scope, "ada"))

    assert outcomes == {"passed": 5, "refused": THREADS - 5}
