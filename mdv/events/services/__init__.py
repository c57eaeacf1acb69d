"""What can be done with events and webhooks, one function per use case."""

from mdv.events.services.deliver import deliver_to, due_targets
from mdv.events.services.emit import emit
from mdv.events.services.forget_events import forget_events
from mdv.events.services.keep_targets import (
    Stale,
    WebhookIsOff,
    create_target,
    ping_target,
    rotate_secret,
    update_target,
)
from mdv.events.services.number_events import number_events, read_events
from mdv.events.services.redeliver import redeliver

__all__ = [
    "Stale",
    "WebhookIsOff",
    "create_target",
    "deliver_to",
    "due_targets",
    "emit",
    "forget_events",
    "number_events",
    "ping_target",
    "read_events",
    "redeliver",
    "rotate_secret",
    "update_target",
]
