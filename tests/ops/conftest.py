"""The simulated providers, for the tests that are about them."""

import pytest

from tests.ops.provider_calls import PaystackCaller, StripeCaller
from tests.ops.simulators import Ear, Simulators


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    ear = Ear()
    journal = tmp_path_factory.mktemp("simulators") / "journal.jsonl"
    simulators = Simulators(ear.url, journal=journal)
    yield simulators, ear, journal
    assert simulators.end() == 0
    ear.end()


@pytest.fixture
def simulators(running):
    running[0].reset()
    running[1].reset()
    yield running[0]
    running[0].reset()


@pytest.fixture
def ear(running, simulators):
    return running[1]


@pytest.fixture
def paystack(simulators):
    return PaystackCaller(simulators.client)


@pytest.fixture
def stripe(simulators):
    return StripeCaller(simulators.client)
