"""A provider that is out is left alone for a while, and then asked by one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shop.payments.gateways.base import GatewayUnavailable
from shop.payments.gateways.breaker import Breaker
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.wire import Wire
from tests.ops.simulators import PAYSTACK_KEY
from tests.payments.gateways.wanting import wanted


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr("shop.payments.gateways.breaker.monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def breaker():
    return Breaker("test", outages=3, open_s=15)


def out(breaker, times):
    for _ in range(times):
        breaker.was_out()


def test_it_opens_at_the_third_outage_in_a_row(clock, breaker):
    out(breaker, 2)
    assert breaker.lets_through()

    breaker.was_out()
    assert not breaker.lets_through()


def test_an_answer_in_between_starts_the_count_again(clock, breaker):
    out(breaker, 2)
    breaker.answered()
    out(breaker, 2)

    assert breaker.lets_through()


def test_after_a_while_one_may_try_and_the_others_wait(clock, breaker):
    out(breaker, 3)
    clock.now += 14.9
    assert not breaker.lets_through()

    clock.now += 0.1
    with ThreadPoolExecutor(8) as threads:
        let_through = list(threads.map(lambda _: breaker.lets_through(), range(40)))

    assert sum(let_through) == 1


def test_the_tries_answer_closes_it_and_its_outage_keeps_it_open_as_long_again(clock, breaker):
    out(breaker, 3)
    clock.now += 15
    assert breaker.lets_through()
    breaker.was_out()
    clock.now += 14.9
    assert not breaker.lets_through()

    clock.now += 0.1
    assert breaker.lets_through()
    breaker.answered()
    assert all(breaker.lets_through() for _ in range(5))


def test_nobody_asks_while_it_is_open_and_one_asks_after(simulators, clock):
    wire = Wire("paystack", breaker=Breaker("paystack", outages=3, open_s=15))
    url = f"{simulators.url}/paystack"
    paystack = Paystack(secret_key=PAYSTACK_KEY, api_url=url, wire=wire)
    simulators.turn("paystack", answer="500")

    for _ in range(5):
        with pytest.raises(GatewayUnavailable):
            paystack.start(wanted())
    assert len(simulators.calls("paystack")) == 3

    simulators.turn("paystack", answer="normal")
    clock.now += 15
    paystack.start(wanted())
    paystack.start(wanted())
    assert len(simulators.calls("paystack")) == 5
    wire.close()


def test_a_refusal_is_an_answer(simulators):
    wire = Wire("paystack", breaker=Breaker("paystack", outages=1))
    paystack = Paystack(secret_key=PAYSTACK_KEY, api_url=f"{simulators.url}/paystack", wire=wire)

    for _ in range(3):
        assert paystack.look_up(reference="unknown", provider_id="") is None
    wire.close()
