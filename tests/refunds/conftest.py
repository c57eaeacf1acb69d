import importlib

import pytest

from mdv.accounts.roles import Role
from shop.payments.models import Payment
from tests.orders.ordering import deliver_everywhere, guest, placed, sell
from tests.refunds.refunding import FakeGateway, pay_online, person
from tests.refunds.returning import delivered


@pytest.fixture
def shirts(db):
    """Ten shirts for 1,500 on the shelf; delivery takes 500."""
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=10)


@pytest.fixture
def number(shirts):
    """The number of an order of five shirts that were delivered."""
    return delivered(("SHIRT", 5), total="8000.00")


@pytest.fixture
def gateway(monkeypatch):
    """A provider of refunds that does what the test says."""
    fake = FakeGateway()
    # The package's name of it is the function.
    module = importlib.import_module("refunds.services.execute_refund")
    monkeypatch.setattr(module, "gateway_of", lambda _: fake)
    return fake


@pytest.fixture
def order(shirts):
    """The number of an order of five shirts, paid online: 7,500 and 500 for shipping."""
    number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
    pay_online(number, "8000.00")
    return number


@pytest.fixture
def payment(order):
    return Payment.objects.get(order__number=order)


@pytest.fixture
def admin(db):
    return person(Role.ADMIN)
