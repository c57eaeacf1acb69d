"""Deleting events that are old, with the log of their deliveries."""

from datetime import datetime, timedelta

from django.db import transaction

from mdv.events.models import Event, WebhookAttempt, WebhookDelivery
from mdv.events.triggers import KEPT_DAYS

# A day later than the database would let go of them: its clock need not be ours.
FORGOTTEN_AFTER = timedelta(days=KEPT_DAYS + 1)
FORGOTTEN_AT_ONCE = 1_000
MAX_BATCHES = 50


def forget_events(*, at: datetime) -> int:
    """Delete numbered events of more than KEPT_DAYS ago, and return how many they were.

    The last one stays, however old: the next takes its number from it.
    """
    forgotten = 0
    for _ in range(MAX_BATCHES):
        batch = _forget_some(at - FORGOTTEN_AFTER)
        forgotten += batch
        if batch < FORGOTTEN_AT_ONCE:
            break
    return forgotten


@transaction.atomic
def _forget_some(before: datetime) -> int:
    numbered = Event.objects.filter(seq__isnull=False)
    last = numbered.order_by("-seq").values_list("pk", flat=True).first()
    # The first by number: they are the oldest, so nobody has to search for these by their age.
    first = numbered.order_by("seq").values_list("pk", "created_at")[:FORGOTTEN_AT_ONCE]
    old = [pk for pk, created_at in first if created_at < before and pk != last]
    WebhookAttempt.objects.filter(delivery__event_id__in=old).delete()
    WebhookDelivery.objects.filter(event_id__in=old).delete()
    Event.objects.filter(pk__in=old).delete()
    return len(old)
