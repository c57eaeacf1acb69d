import pytest

from tests.faults.house import House


@pytest.fixture(scope="package")
def built(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.end()


@pytest.fixture
def house(built):
    """The house, with its services up and running whatever the test before did."""
    yield built
    if built.postgres.process.poll() is not None:
        built.start_postgres()
    if built.redis.process.poll() is not None:
        built.start_redis()
