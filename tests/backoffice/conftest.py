import pytest

from mdv.accounts.roles import Role
from tests.backoffice.shop import browser_of, open_shop


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """A folder for uploads that goes with the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def _paystack(settings):
    """The account whose money is in the exceptions queue."""
    settings.PAYSTACK_SECRET_KEY = "sk_test_0123456789"
    settings.PAYSTACK_API_URL = "http://127.0.0.1:9"  # nobody is there


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def admin(db):
    return browser_of(role=Role.ADMIN)


@pytest.fixture
def operations(db):
    """Somebody who keeps goods and orders."""
    return browser_of(role=Role.OPERATIONS)
