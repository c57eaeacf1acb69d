import time
from types import SimpleNamespace

import django_ratelimit.core
import orjson
import pytest
from django.test import Client

from mdv.accounts.hashers import Argon2id
from mdv.limits import counting
from tests.accounts.people import PASSWORD, make_customer, make_staff


class Api:
    """The API as a client sees it, from one address."""

    def __init__(self, address="192.0.2.1", token=None):
        self.client = Client(REMOTE_ADDR=address)
        self.token = token

    def __call__(self, method, path, body=None, **headers):
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=headers
        )

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self("PATCH", path, body, **headers)

    def delete(self, path, **headers):
        return self("DELETE", path, **headers)

    def log_in(self, email="ada@example.com", password=PASSWORD):
        """Try to log in; keep the token if that works."""
        answer = self.post("/auth/login", {"email": email, "password": password})
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer


@pytest.fixture
def api(db):
    """A visitor."""
    return Api()


@pytest.fixture
def elsewhere(db):
    """Visitors from other addresses: call it with one."""
    return lambda address="198.51.100.7": Api(address)


@pytest.fixture
def ada(db):
    return make_customer()


@pytest.fixture
def as_ada(ada):
    """Ada, logged in."""
    hers = Api()
    hers.log_in()
    return hers


@pytest.fixture
def as_bob(db):
    """Somebody else, logged in."""
    make_customer("bob@example.com")
    his = Api("203.0.113.9")
    his.log_in("bob@example.com")
    return his


@pytest.fixture
def admin(db):
    return make_staff()


@pytest.fixture
def hashes(monkeypatch):
    """The list of password hashes that were computed, to make or to check one."""
    made = []
    for method in ("encode", "verify"):
        original = getattr(Argon2id, method)

        def counted(self, *args, original=original, method=method):
            made.append(method)
            return original(self, *args)

        monkeypatch.setattr(Argon2id, method, counted)
    return made


@pytest.fixture
def still_windows(monkeypatch):
    """Keep the limits' windows from ending in the middle of a test."""
    now = time.time()
    clock = SimpleNamespace(time=lambda: now, monotonic=time.monotonic)
    monkeypatch.setattr(django_ratelimit.core, "time", clock)
    monkeypatch.setattr(counting, "time", clock)
