"""What happened, in order, and who outside is told of it."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from mdv.events.kinds import MAX_LENGTH
from mdv.events.states import DeliveryState
from mdv.events.triggers import AttemptIsAFact, EventIsAFact
from mdv.kernel.triggers import TruncateGuard

MAX_URL_LENGTH = 500
MAX_NAME_LENGTH = 80


class Event(models.Model):
    """One thing that happened, written in the transaction that made it happen.

    ``about`` is the label of what it is about, such as ``orders.Order``, and ``number`` the name
    that people outside know it by. ``seq`` is its place among all events: given once, after the
    commit, without gaps; empty until then.
    """

    seq = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(max_length=MAX_LENGTH)
    about = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    payload = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    created_at = models.DateTimeField()
    request_id = models.CharField(max_length=128, blank=True)
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seq", name="one_event_per_place"),
            models.CheckConstraint(
                name="events_are_counted_from_one", condition=Q(seq__isnull=True) | Q(seq__gte=1)
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="events_not_yet_numbered", condition=Q(seq=None)),
            models.Index(fields=["number"], name="events_by_number"),
        ]
        triggers = [EventIsAFact(), TruncateGuard()]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class WebhookTarget(models.Model):
    """A server outside that is told of events. ``kinds`` empty: of all.

    The secret that its deliveries are signed with is not stored: it is made of ``salt`` and the
    shop's own key. The previous one signs too until ``previous_until``. ``contact`` is told when
    the target is switched off because nothing has reached it since ``failing_since``.
    """

    name = models.CharField(max_length=MAX_NAME_LENGTH)
    url = models.CharField(max_length=MAX_URL_LENGTH)
    kinds = ArrayField(models.CharField(max_length=MAX_LENGTH), default=list, blank=True)
    contact = models.EmailField()
    is_active = models.BooleanField(default=True)
    salt = models.CharField(max_length=32, editable=False)
    previous_salt = models.CharField(max_length=32, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "webhook"
        constraints = [
            models.UniqueConstraint("name", name="webhook_name_is_unique"),
            models.CheckConstraint(
                name="a_previous_secret_has_an_end",
                condition=Q(previous_salt="", previous_until=None)
                | (~Q(previous_salt="") & Q(previous_until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one target: how far it is. What was tried is in its attempts.

    ``tries`` counts attempts that were begun, of which ``tries_before`` came before somebody asked
    for it again. ``claimed_until``: a worker is at it, and has died if that moment has passed.
    """

    target = models.ForeignKey(WebhookTarget, models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    state = models.CharField(
        max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    tries = models.PositiveIntegerField(default=0)
    tries_before = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint("target", "event", name="an_event_goes_to_a_target_once"),
            models.CheckConstraint(
                name="a_delivery_state_is_known", condition=Q(state__in=DeliveryState.values)
            ),
            models.CheckConstraint(
                name="only_a_queued_delivery_is_tried_again",
                condition=Q(state="queued", next_try_at__isnull=False)
                | (~Q(state="queued") & Q(next_try_at=None, claimed_until=None)),
            ),
            models.CheckConstraint(
                name="a_delivery_counts_its_tries",
                condition=Q(tries_before__lte=models.F("tries")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["target", "next_try_at"],
                name="deliveries_on_their_way",
                condition=Q(state="queued"),
            ),
            models.Index(fields=["target", "-id"], name="deliveries_by_target"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class WebhookAttempt(models.Model):
    """One attempt, as a fact: what the target answered, or why there was no answer.

    ``took_ms`` is the time until then, in milliseconds. An attempt whose worker died has no row,
    and its number is missing.
    """

    delivery = models.ForeignKey(WebhookDelivery, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=32, blank=True)
    took_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("delivery", "number", name="an_attempt_is_noted_once")
        ]
        triggers = [AttemptIsAFact(), TruncateGuard()]

    def __str__(self) -> str:
        return f"attempt {self.number}"
