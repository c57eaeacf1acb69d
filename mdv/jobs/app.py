"""Work for later: functions that a worker runs, deferred in the transaction that needs them.

    @job("mail.deliver")
    def deliver(*, mail_id: int) -> None: ...

    deliver.defer(mail_id=mail.pk)

The job exists when the surrounding transaction commits, and never if it is rolled back. It runs
at least once: a worker may die between the work and the note that it was done, so the function
looks first whether there is anything left to do. Arguments are kept for days: they are keys of
rows, never secrets or personal data.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, ParamSpec

from django.db import OperationalError, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.tasks import configure_task

from mdv.kernel import context
from mdv.kernel.context import Context

# How long to wait after the first, second, … failure; about five hours in all.
RETRY_AFTER_S = (5, 30, 2 * 60, 10 * 60, 60 * 60, 4 * 60 * 60)

P = ParamSpec("P")

# Inside a worker procrastinate's own manager writes on connections of its own, outside of the
# job's transaction. This one always uses Django's connection.
in_this_transaction = JobManager(DjangoConnector())


class BackOff(BaseRetryStrategy):
    """Try again a bounded number of times, each time later."""

    def __init__(self, retries: int) -> None:
        self.waits = RETRY_AFTER_S[:retries]

    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> RetryDecision | None:
        if job.attempts >= len(self.waits):
            return None
        return RetryDecision(retry_in={"seconds": self.waits[job.attempts]})


class Job(Generic[P]):
    """A function with keyword arguments that can be called now or deferred."""

    def __init__(self, name: str, function: Callable[P, None], *, retries: int) -> None:
        self.name = name
        self.function = function
        self.task = app.task(name=name, retry=BackOff(retries))(self._run)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)

    def defer(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Have it run soon after the surrounding transaction commits."""
        self._defer(kwargs)

    def defer_once(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Have it run soon and one at a time, unless one waits already; return whether none did."""
        try:
            with transaction.atomic():  # a refusal leaves the surrounding transaction whole
                self._defer(kwargs, lock=self.name, queueing_lock=self.name)
        except AlreadyEnqueued:
            return False
        return True

    def defer_at(self, at: datetime, *args: P.args, **kwargs: P.kwargs) -> None:
        """Have it run at `at` or soon after."""
        self._defer(kwargs, schedule_at=at)

    def _defer(self, arguments: Mapping[str, Any], **options: Any) -> None:
        carried: dict[str, Any] = {
            "request_id": context.current().request_id,
            "arguments": dict(arguments),
        }
        try:
            configure_task(
                name=self.name,
                job_manager=in_this_transaction,
                task_kwargs=carried,
                **options,
            ).defer()
        except ConnectorException as problem:
            # So that a lost connection is answered as everywhere else.
            raise OperationalError("The job could not be deferred.") from problem.__cause__

    def _run(
        self,
        *,
        request_id: str = "",
        arguments: Mapping[str, Any] | None = None,
        timestamp: int = 0,
    ) -> None:
        """Run it as the system, under the request that wanted it or, on schedule, a new one."""
        where = Context(source="job", command=self.name, request_id=request_id or uuid.uuid4().hex)
        with context.use(where):
            self.function(**(arguments or {}))  # type: ignore[call-arg]


def job(
    name: str, *, retries: int = len(RETRY_AFTER_S), cron: str = ""
) -> Callable[[Callable[P, None]], Job[P]]:
    """Make a function a job, found by workers when it is in an app's ``tasks`` module.

    `name` is stable: jobs in the queue find their function by it. With `cron` (UTC) it also runs
    on schedule, one run at a time.
    """

    def made(function: Callable[P, None]) -> Job[P]:
        new = Job(name, function, retries=retries)
        if cron:
            app.periodic(cron=cron, lock=name, queueing_lock=name)(new.task)  # type: ignore[arg-type]
        return new

    return made
