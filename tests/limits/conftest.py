import socket
import threading

import pytest
import time_machine

from mdv.ops.local.services import Redis
from tests.caches import cache_at


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel("2026-03-01T12:00:30Z", tick=False) as stopped:
        yield stopped


@pytest.fixture
def use_redis(settings):
    """Let the cache be somewhere else: call it with the address."""

    def use(url):
        settings.CACHES = cache_at(url)

    return use


@pytest.fixture
def own_redis(tmp_path, use_redis):
    """A Redis that this test may spoil."""
    redis = Redis(tmp_path)
    use_redis(redis.url)
    yield redis
    if redis.process.poll() is None:
        redis.stop()


@pytest.fixture
def deaf():
    """A server that accepts every connection and never says a word."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard = Deaf(listening)
    yield heard
    listening.close()
    for connection in heard.connections:
        connection.close()


class Deaf:
    def __init__(self, listening):
        self.listening = listening
        self.url = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                self.connections.append(self.listening.accept()[0])
            except OSError:
                return
