"""A shop that takes money at Paystack, with an order that waits to be paid there."""

import pytest

from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY, WEBHOOK_SECRET, Simulators
from tests.orders.ordering import deliver_everywhere, sell
from tests.payments.notices import SECRET, begun, online_order


@pytest.fixture
def paystack(settings):
    settings.PAYSTACK_SECRET_KEY = SECRET


@pytest.fixture
def order(db, paystack):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    return online_order(("SHIRT", 1), total="2000.00")


@pytest.fixture
def payment(order):
    return begun(order)


@pytest.fixture(scope="session")
def _simulators():
    simulators = Simulators()
    yield simulators
    simulators.end()


@pytest.fixture
def providers(_simulators, settings):
    """Both providers, simulated, and a shop that has keys for them."""
    settings.PAYSTACK_SECRET_KEY = PAYSTACK_KEY
    settings.PAYSTACK_API_URL = f"{_simulators.url}/paystack"
    settings.STRIPE_SECRET_KEY = STRIPE_KEY
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.STRIPE_API_URL = f"{_simulators.url}/stripe"
    yield _simulators
    _simulators.reset()
