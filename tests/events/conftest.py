import pytest

from tests.events.receivers import Receiver


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.stop()
