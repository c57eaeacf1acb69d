"""Switching a webhook off that nothing has reached for days, and telling who looks after it."""

from datetime import datetime, timedelta

import structlog

from mdv.events.models import WebhookTarget
from mdv.kernel import context
from mdv.mail.services import send_mail

SWITCHED_OFF_AFTER = timedelta(days=3)
REASON = "Nothing has reached it for days."

log = structlog.get_logger("mdv.events")


def note_success(target: WebhookTarget) -> None:
    """Note that a target, locked by the caller, was reached."""
    if target.failing_since is not None:
        target.failing_since = None
        target.save(update_fields=["failing_since"])


def note_failure(target: WebhookTarget, *, at: datetime) -> None:
    """Note that a target, locked by the caller, was not reached; switch it off in the end."""
    if target.failing_since is None:
        target.failing_since = at
        target.save(update_fields=["failing_since"])
    elif target.is_active and at - target.failing_since >= SWITCHED_OFF_AFTER:
        _switch_off(target)


def _switch_off(target: WebhookTarget) -> None:
    target.is_active = False
    target.version += 1
    with context.refined(reason=REASON):
        target.save(update_fields=["is_active", "version"])
    log.warning("webhook_switched_off", target_id=target.pk, failing_since=target.failing_since)
    facts = {"name": target.name, "failing_since": target.failing_since}
    send_mail(kind="webhook_switched_off", to=target.contact, context=facts, about=target)
