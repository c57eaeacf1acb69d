"""Having an event delivered again, because somebody asks for it."""

from datetime import datetime

from django.db import transaction

from mdv.events.models import WebhookDelivery
from mdv.events.services.keep_targets import WebhookIsOff, lock_target
from mdv.events.states import DELIVERY, DeliveryState
from mdv.kernel.errors import NotFound


@transaction.atomic
def redeliver(*, target_id: int, delivery_id: int, at: datetime) -> WebhookDelivery:
    """Queue a delivery again, with as many tries as a new one; one that waits is due at once.

    Raises:
        NotFound: there is no such delivery of that webhook. WebhookIsOff: 409.
    """
    target = lock_target(target_id)
    rows = WebhookDelivery.objects.select_for_update(no_key=True).filter(target=target)
    delivery = rows.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    if not target.is_active:
        raise WebhookIsOff
    DELIVERY.check(DeliveryState(delivery.state), DeliveryState.QUEUED)
    delivery.state = DeliveryState.QUEUED
    delivery.tries_before = delivery.tries
    delivery.next_try_at = at
    delivery.save(update_fields=["state", "tries_before", "next_try_at"])
    return delivery
