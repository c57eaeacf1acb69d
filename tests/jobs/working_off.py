"""A worker that works off the queue in the test's own thread, connection and transaction."""

import json

from procrastinate import sql
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job

connector = DjangoConnector()


def work_off():
    """Run what is due, and what that makes due, until nothing is; return the jobs' names."""
    done = []
    while (job := _fetch()) is not None:
        done.append(job.task_name)
        _run(job)
    return done


def _fetch():
    row = connector.execute_query_one(query=sql.queries["fetch_job"], queues=None, worker_id=None)
    # Django's connection leaves JSON as text, a worker's own does not.
    return Job.from_row({**row, "args": json.loads(row["args"])}) if row["id"] else None


def _run(job):
    task = app.tasks[job.task_name]
    try:
        task(**job.task_kwargs)
    except Exception as problem:  # noqa: BLE001  (whatever a job raises)
        retry = task.get_retry_exception(problem, job)
        if retry is None:
            _finish(job, "failed")
        else:
            _retry(job, retry.retry_decision.retry_at)
    else:
        _finish(job, "succeeded")


def _finish(job, status):
    connector.execute_query(
        query=sql.queries["finish_job"], job_id=job.id, status=status, delete_job=False
    )


def _retry(job, at):
    unchanged = {"new_priority": None, "new_queue_name": None, "new_lock": None}
    connector.execute_query(query=sql.queries["retry_job"], job_id=job.id, retry_at=at, **unchanged)
