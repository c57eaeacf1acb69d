"""Giving events their place once they are committed, and reading them in that order.

An event gets its number only when others can see it, by whoever holds one advisory lock, so a
reader that has seen number n will never find a smaller one later. Those that become visible
together are numbered in the order in which they were written: an event that was emitted after
another one's commit always comes after it. A transaction that stays open holds up its own events
and nobody else's, and one that is rolled back leaves no gap. See docs/adr/0011.
"""

from django.db import connection, transaction

from mdv.events.kinds import PING
from mdv.events.models import Event, WebhookDelivery, WebhookTarget
from mdv.kernel import clock

# Of the advisory lock: the first half is this room's, as in "events".
LOCK = (0x6576656E, 1)
NUMBERED_AT_ONCE = 1_000
MAX_BATCHES = 20

GIVE_NUMBERS = """
    WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM (SELECT id FROM events_event WHERE seq IS NULL ORDER BY id LIMIT %s) AS first
    ), before AS (SELECT coalesce(max(seq), 0) AS seq FROM events_event)
    UPDATE events_event AS event SET seq = before.seq + waiting.place
    FROM waiting, before WHERE event.id = waiting.id
    RETURNING event.id
"""


def read_events(*, after: int, limit: int) -> list[Event]:
    """Return the events behind place `after`, at most `limit`, those just committed included."""
    number_events()
    return list(Event.objects.filter(seq__gt=after).order_by("seq")[:limit])


def number_events() -> int:
    """Number what was committed, enter it for the webhooks that want it, and return how many.

    Nothing happens while somebody else is at it.
    """
    numbered = 0
    for _ in range(MAX_BATCHES):
        batch = _number_some()
        numbered += batch
        if batch < NUMBERED_AT_ONCE:
            break
    return numbered


@transaction.atomic
def _number_some() -> int:
    if not Event.objects.filter(seq=None).exists():
        return 0
    with connection.cursor() as cursor:
        # A statement of its own: the next one sees what the last holder of the lock committed.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(GIVE_NUMBERS, [NUMBERED_AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    _enter_deliveries(ids)
    return len(ids)


def _enter_deliveries(ids: list[int]) -> None:
    targets = list(WebhookTarget.objects.filter(is_active=True))
    if not targets:
        return
    events = Event.objects.filter(pk__in=ids).exclude(kind=PING).order_by("seq")
    now = clock.now()
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(target=target, event=event, next_try_at=now, created_at=now)
        for event in events
        for target in targets
        if not target.kinds or event.kind in target.kinds
    )
