"""Letting the shop come to rest after a drill, as it does by itself within some minutes.

Jobs ask providers again minutes after a process died. Here they are asked at once, by the same
services and with the time that it will be then.
"""

import time
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.events.models import Event
from mdv.jobs.services import retry_stalled_jobs
from mdv.kernel import clock, context
from mdv.kernel.context import Context
from mdv.kernel.errors import DomainError
from mdv.mail.models import Mail
from mdv.mail.states import MailState
from mdv.ops.drill.scene import COMMAND
from refunds.models import Refund
from refunds.services import execute_refund, look_up_refund
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import apply_waiting_events, verify_payment
from shop.payments.states import PaymentState

PATIENCE_S = 300.0  # without any progress
POLL_S = 1.0
# Later than any job waits before it asks again.
LATER = timedelta(minutes=15)
WAITING = ("todo", "doing")
# Those that come again by themselves are always waiting.
ON_SCHEDULE = ("audit.seal", "events.number", "jobs.retry_stalled")

log = structlog.get_logger("mdv.drill")


def settle(*, paid: Collection[str]) -> dict[str, int]:
    """Wait until nothing is under way, and return what still is when nothing moves any more.

    ``paid`` are references of payments that were made at a provider.
    """
    fewest, deadline = None, time.monotonic() + PATIENCE_S
    while True:
        with context.use(Context(source="command", command=COMMAND)):
            _go_on(paid)
        waiting = _count_waiting(paid)
        left = sum(waiting.values())
        if fewest is None or left < fewest:
            fewest, deadline = left, time.monotonic() + PATIENCE_S
        if not left or time.monotonic() > deadline:
            return waiting
        log.info("settling", **waiting)
        time.sleep(POLL_S)


def _go_on(paid: Collection[str]) -> None:
    now = clock.now()
    retry_stalled_jobs()
    apply_waiting_events(at=now)
    for number in Refund.objects.not_asked().values_list("number", flat=True):
        _try(execute_refund, number=number, at=now)
    for number in Refund.objects.in_limbo().values_list("number", flat=True):
        _try(look_up_refund, number=number, at=now + LATER)
    for reference in _not_captured(paid):
        _try(verify_payment, reference=reference, at=now)


def _try(step: Callable[..., object], **arguments: object) -> None:
    try:
        step(**arguments)
    except DomainError as problem:
        log.warning("not_settled_yet", problem=str(problem))


def _not_captured(paid: Collection[str]) -> list[str]:
    there = Payment.objects.online().exclude(state=PaymentState.CAPTURED)
    return [
        reference for reference in there.values_list("reference", flat=True) if reference in paid
    ]


def _count_waiting(paid: Collection[str]) -> dict[str, int]:
    jobs = ProcrastinateJob.objects.filter(status__in=WAITING, scheduled_at=None)
    counts = {
        "payments": len(_not_captured(paid)),
        "refunds": Refund.objects.not_asked().count() + Refund.objects.in_limbo().count(),
        "notices": GatewayEvent.objects.unapplied().count(),
        "events": Event.objects.filter(seq=None).count(),
        "entries": AuditEntry.objects.filter(seal=None).count(),
        "mails": Mail.objects.filter(state=MailState.QUEUED).count(),
        "jobs": jobs.exclude(task_name__in=ON_SCHEDULE).count(),
    }
    return {what: count for what, count in counts.items() if count}
