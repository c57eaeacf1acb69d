"""What every test stands on: high limits, an empty cache, a queue that can be worked off."""

import pytest
from django.apps import apps
from django.conf import settings as shop_settings
from django.core.cache import cache
from django.db import connection

from tests import migrated, seed

PLENTY = "100000/m"
PATIENCE_S = 5
BLOCKER = pytest.StashKey()


def pytest_collection_modifyitems(items):
    for item in items:
        if is_transactional(item):
            marker = item.get_closest_marker("django_db")
            # Django cascades only then: swapped models leave tables that it does not list.
            marker.kwargs["available_apps"] = [app.name for app in apps.get_app_configs()]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Put back what the flush after a transactional test takes, such as the roles.

    Right then: where tests run side by side, any other test may be the next one.
    """
    yield
    is_last = nextitem is None  # and its database is gone by now
    if not is_last and ("transactional_db" in item.fixturenames or is_transactional(item)):
        with item.config.stash[BLOCKER].unblock():
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
                cursor.execute(seed.PUT_BACK)
            connection.close()


def is_transactional(item):
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture(scope="session", autouse=True)
def _answers_are_as_published():
    """Fail a test whose client gets an answer of the API that the schema does not tell of."""
    from django.test import Client  # noqa: PLC0415  (needs Django to be set up)

    from tests.published import route_of, undeclared  # noqa: PLC0415

    send = Client.request

    def sent(self, **request):
        response = send(self, **request)
        route = route_of(response)
        if route.startswith("api/v1/"):
            assert not undeclared(request["REQUEST_METHOD"], route, response)
        return response

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Client, "request", sent)
        yield


@pytest.fixture(scope="session", autouse=True)
def _redis_has_patience():
    # On a busy machine Redis would now and then seem to be away.
    shop_settings.CACHES["default"]["OPTIONS"].update(
        SOCKET_TIMEOUT=PATIENCE_S, SOCKET_CONNECT_TIMEOUT=PATIENCE_S
    )
    used = cache.client.get_client().connection_pool.connection_kwargs
    assert used["socket_timeout"] == PATIENCE_S


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Begin with a copy of the migrated database, to which migrate has nothing to add."""
    shop_settings.DATABASES["default"]["TEST"]["TEMPLATE"] = migrated.TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    """Let the flush after transactional tests truncate what is never truncated elsewhere."""
    request.config.stash[BLOCKER] = django_db_blocker
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(seed.LET_FLUSHES_TRUNCATE)
            cursor.execute(seed.KEEP_ASIDE)
        connection.close()


@pytest.fixture(autouse=True)
def _limits(request, settings):
    """Keep limits on, but far away, unless a test is about them (``real_limits``)."""
    if not request.node.get_closest_marker("real_limits"):
        settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, PLENTY)
    cache.clear()


@pytest.fixture(autouse=True)
def _as_after_a_start(monkeypatch):
    """Forget that an earlier test took Redis away, and what was counted meanwhile."""
    from mdv.limits import counting  # noqa: PLC0415  (needs Django to be set up)

    monkeypatch.setattr(counting, "_breaker", counting.Breaker())
    monkeypatch.setattr(counting, "_in_process", counting.ProcessCounts())


@pytest.fixture
def run_jobs(db):
    """Work off the queue as a worker would, on the test's own connection; return the names."""
    from tests.jobs.working_off import work_off  # noqa: PLC0415  (needs Django to be set up)

    return work_off
