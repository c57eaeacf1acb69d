import pytest

from mdv.accounts.roles import Role
from tests.orders.ordering import staff


@pytest.fixture
def supervisor(db):
    return staff(Role.SUPERVISOR)
