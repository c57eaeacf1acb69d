"""Things that happen, and webhooks that want to know."""

from datetime import timedelta

from mdv.events import services
from mdv.events.kinds import declare
from mdv.events.models import Event, WebhookDelivery
from mdv.kernel import clock
from mdv.store.services import store_settings

LIT = declare("lamp.lit", "A lamp was lit.")
DIMMED = declare("lamp.dimmed", "A lamp was dimmed.")


def happen(number="L-1", kind=LIT, **payload):
    """Have something happen; what it is about does not matter here."""
    return services.emit(kind, store_settings(), number=number, payload=payload)


def told():
    """What a reader from the beginning is told, as (place, number)."""
    return [(e.seq, e.number) for e in services.read_events(after=0, limit=1000)]


def unnumbered():
    return Event.objects.filter(seq=None).count()


def hook(url, name="Books", **fields):
    return services.create_target(name=name, url=url, contact="it@example.com", **fields)


def numbered(number="L-1", **fields):
    """An event that has its place, and its deliveries."""
    event = happen(number, **fields)
    services.number_events()
    event.refresh_from_db()
    return event


def later(**by):
    return clock.now() + timedelta(**by)


def deliveries():
    return list(WebhookDelivery.objects.order_by("id"))
