import pytest

from mdv.accounts.roles import Role
from tests.backoffice.shop import browser_of, open_shop
from tests.backoffice.shop_database import ShopDatabase
from tests.conftest import is_transactional


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


@pytest.fixture(scope="session")
def shop_database(tmp_path_factory):
    database = ShopDatabase(tmp_path_factory.mktemp("shop"))
    yield database
    database.drop()


@pytest.fixture
def _connected(request, shop_database, media, _limits, _paystack, django_db_blocker):
    """Where the shop is open, if the test wants it."""
    if "shop" not in request.fixturenames or is_transactional(request.node):
        yield
        return
    with django_db_blocker.unblock(), shop_database.connected():
        yield


@pytest.fixture
def _django_db_helper(_connected, _django_db_helper):
    """Open the test's transaction only then: it is on the connection."""


@pytest.fixture
def shop(request, db, media, shop_database):
    if is_transactional(request.node):
        return open_shop()
    return shop_database.objects(media)


@pytest.fixture
def admin(db):
    return browser_of(role=Role.ADMIN)


@pytest.fixture
def operations(db):
    """Somebody who keeps goods and orders."""
    return browser_of(role=Role.OPERATIONS)
