import socket

import pytest

from mdv.accounts.roles import Role
from mdv.kernel.destinations import is_public
from shop.catalog import gateways
from tests.catalog.clients import Caller, logged_in
from tests.catalog.servers import Server


@pytest.fixture
def visitor(db):
    return Caller()


@pytest.fixture
def staff(db):
    """Somebody who keeps the catalogue."""
    return logged_in(Role.OPERATIONS)


@pytest.fixture
def auditor(db):
    """Somebody who may look at everything and change nothing."""
    return logged_in(Role.AUDITOR)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """A folder for uploads that goes with the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def server(monkeypatch):
    """A server at a public address, as far as the shop can tell: 127.0.0.1 counts as one here."""
    running = Server()
    monkeypatch.setattr(gateways, "PORTS", frozenset({running.port}))
    monkeypatch.setattr(gateways, "is_public", lambda a: str(a) == "127.0.0.1" or is_public(a))
    monkeypatch.setattr(socket, "getaddrinfo", over_ipv4(socket.getaddrinfo))
    yield running
    running.stop()


def over_ipv4(original):
    def found(host, port, family=0, *args, **kwargs):
        return original(host, port, socket.AF_INET, *args, **kwargs)

    return found
