"""A shop that takes money at Paystack, with an order that waits to be paid there."""

import pytest

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
