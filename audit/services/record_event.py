"""Writing to the trail what no row change shows: logins, denials, exports, commands."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from audit.models import AuditEntry
from audit.registry import key_of
from mdv.kernel import clock, context

MAX_LABEL_LENGTH = 255  # the same as in audit_capture


def record(
    event: str,
    *,
    subject: Model | None = None,
    label: str = "",
    outcome: str = AuditEntry.Outcome.OK,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Write one entry about `event`, with who, where from and which request from the context.

    `subject` is the object it is about, `label` names it when there is none, `facts` are further
    details. Part of the surrounding transaction: rolled back with it.
    """
    now = context.current()
    content_type = ContentType.objects.get_for_model(subject) if subject else None
    key = key_of(subject) if subject else None
    AuditEntry.objects.create(
        event=event,
        action=AuditEntry.Action.ACCESS,
        outcome=outcome,
        content_type=content_type,
        object_pk="" if key is None else str(key),
        object_id=key if isinstance(key, int) else None,
        object_repr=(label or str(subject or ""))[:MAX_LABEL_LENGTH],
        additional_data=facts,
        timestamp=clock.now(),
        actor_id=now.actor.id,
        actor_kind=now.actor.kind,
        actor_role=_cut("actor_role", now.actor.role),
        actor_email=_cut("actor_email", now.actor.label),
        source=now.source,
        cid=now.request_id,
        remote_addr=now.address or None,
        user_agent=now.user_agent,
        command=_cut("command", now.command),
        reason=reason or now.reason,
    )


def _cut(column: str, text: str) -> str:
    return text[: AuditEntry._meta.get_field(column).max_length]
