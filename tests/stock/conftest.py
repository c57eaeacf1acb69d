import pytest

from mdv.accounts.roles import Role
from tests.catalog.clients import logged_in
from tests.catalog.shelf import make_product


@pytest.fixture
def staff(db):
    """Somebody who keeps the stock."""
    return logged_in(Role.LOGISTICS)


@pytest.fixture
def shirt(db):
    """A variant with ten units."""
    return make_product("Shirt", stock=10).variants.get()
