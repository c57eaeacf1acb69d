"""Both providers, simulated, and our adapters that talk to them."""

import pytest

from shop.payments.gateways.breaker import Breaker
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe
from shop.payments.gateways.wire import Wire
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY, WEBHOOK_SECRET, Ear, Simulators


@pytest.fixture(scope="session")
def _running():
    ear = Ear()
    simulators = Simulators(ear.url)
    yield simulators, ear
    assert simulators.end() == 0
    ear.end()


@pytest.fixture
def simulators(_running):
    simulators, ear = _running
    ear.reset()
    yield simulators
    simulators.reset()


@pytest.fixture
def ear(_running, simulators):
    return _running[1]


@pytest.fixture
def wire():
    """A wire whose breaker hardly ever opens."""
    wire = Wire("test", breaker=Breaker("test", outages=1000))
    yield wire
    wire.close()


@pytest.fixture
def paystack(simulators, wire):
    return Paystack(secret_key=PAYSTACK_KEY, api_url=f"{simulators.url}/paystack", wire=wire)


@pytest.fixture
def stripe(simulators, wire):
    return Stripe(
        secret_key=STRIPE_KEY,
        webhook_secrets=[WEBHOOK_SECRET],
        api_url=f"{simulators.url}/stripe",
        wire=wire,
    )


@pytest.fixture(params=["paystack", "stripe"])
def gateway(request):
    """Each of them in turn."""
    return request.getfixturevalue(request.param)
