import pytest

from tests.orders.ordering import deliver_everywhere, sell
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
