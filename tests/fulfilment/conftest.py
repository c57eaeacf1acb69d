import pytest

from tests.orders.ordering import deliver_everywhere, sell


@pytest.fixture
def shirts(db):
    """Ten shirts for 1,500 on the shelf; delivery takes 500."""
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=10)
