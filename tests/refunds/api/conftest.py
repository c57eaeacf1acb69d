"""People of the staff, and a refund that waits for a second of them."""

import pytest

from mdv.accounts.roles import Role
from refunds import services
from tests.orders.ordering import guest, placed, staff
from tests.refunds.api.calling import refunded
from tests.refunds.api.calling import shirts as refund_of_shirts
from tests.refunds.refunding import pay_online


@pytest.fixture
def supervisor(db):
    return staff(Role.SUPERVISOR)


@pytest.fixture
def operations(db):
    return staff(Role.OPERATIONS)


@pytest.fixture
def asked(shirts, operations, gateway):
    """A refund of 3,000 that somebody asked for who may give 1,000."""
    services.change_policy(
        role=Role.OPERATIONS,
        limits=services.Limits(max_per_refund=1000, max_per_day=50_000, may_goodwill=False),
    )
    number = placed(guest(), ("SHIRT", 2), total="3500.00")["number"]
    pay_online(number, "3500.00")
    (refund,) = refunded(operations, number, refund_of_shirts(2))
    return refund
