"""Writing down that something happened."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from mdv.events.models import Event
from mdv.kernel import clock, context


def emit(kind: str, about: Model, *, number: str, payload: Mapping[str, Any]) -> Event:
    """Write an event, in the caller's transaction: no commit, no event. One INSERT, no lock.

    Emit after locking what it is about, so that what follows from it also comes after it.
    `number` is what people outside call it by; `payload` names nobody. `kind` is a declared one.
    """
    now = context.current()
    return Event.objects.create(
        kind=kind,
        about=about._meta.label,
        number=number,
        payload=dict(payload),
        created_at=clock.now(),
        request_id=now.request_id,
        actor_id=now.actor.id,
    )
