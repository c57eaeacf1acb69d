"""What every test stands on: high limits, an empty cache, a queue that can be worked off."""

import os
import re

import pytest
from django.core.cache import cache
from django.db import connection
from procrastinate import sql
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job

PLENTY = "100000/m"


def pytest_collection_modifyitems(items):
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            # A flush also takes what migrations wrote, such as the roles: bring it back.
            marker.kwargs["serialized_rollback"] = True


@pytest.fixture(scope="session", autouse=True)
def _redis_of_this_process():
    from django.conf import settings

    number = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or "0"
    default = settings.CACHES["default"]
    default["LOCATION"] = re.sub(r"db=\d+", f"db={number}", default["LOCATION"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the flush after transactional tests truncate what is never truncated elsewhere."""
    with django_db_blocker.unblock():
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET mdv.allow_truncate = on")
        connection.close()


@pytest.fixture(autouse=True)
def _limits(request, settings):
    """Keep limits on, but far away, unless a test is about them (``real_limits``)."""
    if not request.node.get_closest_marker("real_limits"):
        settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, PLENTY)
    cache.clear()


@pytest.fixture(autouse=True)
def _empty_queue(request):
    """Procrastinate's tables are not Django's: a flush leaves them as they are."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def run_jobs(db):
    """Work off the queue as a worker would, on the test's own connection; return the names."""

    def run():
        connector = DjangoConnector()
        done = []
        while True:
            row = connector.execute_query_one(
                query=sql.queries["fetch_job"], queues=None, worker_id=None
            )
            if row["id"] is None:
                return done
            job = Job.from_row(row)
            done.append(job.task_name)
            _run_one(connector, job)

    return run


def _run_one(connector, job):
    task = app.tasks[job.task_name]
    try:
        task(**job.task_kwargs)
    except Exception as problem:  # noqa: BLE001  (whatever a job raises)
        retry = task.get_retry_exception(problem, job)
        if retry is None:
            finish = {"status": "failed", "delete_job": False}
            connector.execute_query(query=sql.queries["finish_job"], job_id=job.id, **finish)
            return
        connector.execute_query(
            query=sql.queries["retry_job"],
            job_id=job.id,
            retry_at=retry.retry_decision.retry_at,
            new_priority=None,
            new_queue_name=None,
            new_lock=None,
        )
    else:
        finish = {"status": "succeeded", "delete_job": False}
        connector.execute_query(query=sql.queries["finish_job"], job_id=job.id, **finish)
