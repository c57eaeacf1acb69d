"""Jobs: deferred with their transaction, run as the system, tried again, brought back."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from mdv.jobs import services, tasks
from mdv.jobs.app import RETRY_AFTER_S, job
from mdv.kernel import clock, context
from mdv.kernel.context import Actor, Context

CUSTOMER = Actor(kind="user", id=7, role="customer", label="ada@example.com")
A_REQUEST = Context(source="api", actor=CUSTOMER, request_id="req-00000001", address="192.0.2.7")

seen = []


@job("tests.look")
def look(*, number: int) -> None:
    seen.append((number, context.current()))


@job("tests.break", retries=2)
def break_down() -> None:
    raise RuntimeError("no")


@job("tests.break_once", retries=0)
def break_down_once() -> None:
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def _nothing_seen():
    seen.clear()


def queued():
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", "status"))


def age_of_events(job_id, age):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = at - %s WHERE job_id = %s", [age, job_id]
        )


@pytest.mark.django_db
def test_a_job_runs_as_the_system_under_the_request_that_deferred_it(run_jobs):
    with context.use(A_REQUEST):
        look.defer(number=3)

    names = run_jobs()

    assert names == ["tests.look"]
    assert seen == [(3, Context(source="job", command="tests.look", request_id="req-00000001"))]
    assert queued() == [("tests.look", "succeeded")]


@pytest.mark.django_db
def test_a_job_on_schedule_gets_a_request_id_of_its_own():
    app.tasks["tests.look"](timestamp=1_800_000_000, arguments={"number": 1})
    app.tasks["tests.look"](timestamp=1_800_000_060, arguments={"number": 2})

    first, second = (where.request_id for _, where in seen)

    assert len(first) == len(second) == 32
    assert first != second


@pytest.mark.django_db
def test_a_transaction_that_is_rolled_back_leaves_no_job():
    with transaction.atomic():
        look.defer(number=1)
        transaction.set_rollback(True)

    assert queued() == []


@pytest.mark.django_db
def test_inside_a_worker_a_job_is_deferred_in_the_jobs_own_transaction_too():
    with app.replace_connector(app.connector.get_worker_connector()):
        with transaction.atomic():
            look.defer(number=1)
            transaction.set_rollback(True)
        look.defer(number=2)

    assert queued() == [("tests.look", "todo")]


@pytest.mark.django_db
def test_a_job_for_later_waits_for_its_time(run_jobs):
    look.defer_at(clock.now() + timedelta(hours=1), number=1)

    names = run_jobs()

    assert names == []
    assert queued() == [("tests.look", "todo")]


@pytest.mark.django_db
def test_of_a_job_that_is_deferred_once_one_waits_and_the_transaction_goes_on(run_jobs):
    with transaction.atomic():
        assert look.defer_once(number=1)
        assert not look.defer_once(number=2)
        look.defer(number=3)

    assert queued() == [("tests.look", "todo")] * 2
    run_jobs()
    assert sorted(number for number, _ in seen) == [1, 3]
    assert look.defer_once(number=4)


@pytest.mark.django_db
def test_of_jobs_that_are_deferred_once_one_runs_at_a_time():
    fetch = "SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)"
    look.defer_once(number=1)
    with connection.cursor() as cursor:
        cursor.execute(fetch)
        assert cursor.fetchone() == ("tests.look",)

        assert look.defer_once(number=2)

        cursor.execute(fetch)
        assert cursor.fetchone() == (None,)


@pytest.mark.django_db
def test_a_job_that_fails_is_tried_again_later_and_given_up_after_its_retries(run_jobs):
    break_down.defer()

    for wait in RETRY_AFTER_S[:2]:
        before = clock.now()
        assert run_jobs() == ["tests.break"]
        again = ProcrastinateJob.objects.get()
        assert again.status == "todo"
        assert 0 <= (again.scheduled_at - before).total_seconds() - wait < 5
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    run_jobs()

    assert queued() == [("tests.break", "failed")]
    assert ProcrastinateJob.objects.get().attempts == 3


@pytest.mark.django_db
def test_the_worker_status_tells_who_is_alive_and_how_long_the_oldest_due_job_has_waited():
    now = clock.now()
    look.defer_at(now - timedelta(seconds=90), number=1)
    look.defer_at(now + timedelta(hours=1), number=2)
    look.defer(number=3)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s), (%s)",
            [now - timedelta(seconds=5), now - timedelta(seconds=31)],
        )

    status = services.worker_status(at=now)

    assert status == services.WorkerStatus(alive=1, oldest_job_s=90.0)


@pytest.mark.django_db
def test_a_queue_with_nothing_due_has_no_oldest_job():
    look.defer_at(clock.now() + timedelta(hours=1), number=2)

    status = services.worker_status(at=clock.now())

    assert status == services.WorkerStatus(alive=0, oldest_job_s=None)


@pytest.fixture
def taken_job(db):
    """A job that a worker took; call it with the age of that worker's last sign of life."""

    def take(heartbeat_age_s, attempts=0):
        look.defer(number=1)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - make_interval(secs => %s)) RETURNING id",
                [heartbeat_age_s],
            )
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s",
                [cursor.fetchone()[0], attempts],
            )

    return take


def test_a_job_whose_worker_died_goes_back_into_the_queue(taken_job):
    taken_job(heartbeat_age_s=31)

    brought_back = services.retry_stalled_jobs()

    assert brought_back == 1
    assert queued() == [("tests.look", "todo")]
    assert ProcrastinateJob.objects.get().attempts == 1


def test_a_job_whose_worker_is_alive_is_left_alone(taken_job):
    taken_job(heartbeat_age_s=11)

    brought_back = services.retry_stalled_jobs()

    assert brought_back == 0
    assert queued() == [("tests.look", "doing")]


def test_a_job_that_stalled_too_often_is_given_up(taken_job):
    taken_job(heartbeat_age_s=31, attempts=5)

    brought_back = services.retry_stalled_jobs()

    assert brought_back == 0
    assert queued() == [("tests.look", "failed")]


def test_a_job_on_schedule_whose_successor_waits_makes_room_for_it(taken_job):
    taken_job(heartbeat_age_s=31)
    same_lock("look")
    look.defer(number=2)
    same_lock("look")

    brought_back = services.retry_stalled_jobs()

    assert brought_back == 0
    assert queued() == [("tests.look", "failed"), ("tests.look", "todo")]


def same_lock(name):
    """Give every job the locks of one on schedule: one in the queue, one at work."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET lock = %s, queueing_lock = %s", [name, name])


@pytest.mark.django_db
def test_finished_jobs_are_deleted_after_two_days_and_failed_ones_after_thirty(run_jobs):
    for days in (1, 3):
        look.defer(number=days)
        run_jobs()
        age_of_events(ProcrastinateJob.objects.latest("id").pk, timedelta(days=days))
    for days in (3, 31):
        break_down_once.defer()
        run_jobs()
        age_of_events(ProcrastinateJob.objects.latest("id").pk, timedelta(days=days))

    deleted = services.delete_finished_jobs(at=clock.now())

    assert deleted == 2
    assert queued() == [("tests.look", "succeeded"), ("tests.break_once", "failed")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_runs_a_job_within_seconds_and_leaves_when_asked():
    tasks.delete_finished.defer()
    place = connection.settings_dict
    url = f"postgres://{place['USER']}@{quote(place['HOST'], safe='')}/{place['NAME']}"

    worker = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        env={**os.environ, "DATABASE_URL": url},
    )
    try:
        deadline = time.monotonic() + 20
        while queued()[0][1] != "succeeded":
            assert time.monotonic() < deadline, queued()
            time.sleep(0.1)
        alive = services.worker_status(at=clock.now()).alive
    finally:
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(20)

    assert alive == 1
    assert code == 0
    assert services.worker_status(at=clock.now()).alive == 0
