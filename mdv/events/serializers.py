"""What the routes of events and webhooks read and write."""

from typing import Any

from rest_framework import serializers

from mdv.events.kinds import MAX_LENGTH
from mdv.events.models import (
    MAX_NAME_LENGTH,
    MAX_URL_LENGTH,
    Event,
    WebhookAttempt,
    WebhookDelivery,
    WebhookTarget,
)
from mdv.events.states import DeliveryState
from mdv.http.serializers import BooleanField, EmailField, LineField, StrictSerializer

MAX_KINDS = 50


class EventOut(serializers.ModelSerializer[Event]):
    seq = serializers.IntegerField()
    payload = serializers.DictField()

    class Meta:
        model = Event
        fields = ("seq", "kind", "about", "number", "created_at", "payload")
        read_only_fields = fields


class EventsOut(serializers.Serializer[Any]):
    next_after = serializers.IntegerField(help_text="Send it as `after` next time.")
    results = EventOut(many=True)


class WebhookIn(StrictSerializer):
    """``kinds`` left out or empty: events of every kind."""

    name = LineField(max_length=MAX_NAME_LENGTH)
    url = LineField(max_length=MAX_URL_LENGTH)
    contact = EmailField()
    kinds = serializers.ListField(
        child=LineField(max_length=MAX_LENGTH), required=False, max_length=MAX_KINDS
    )
    is_active = BooleanField(required=False)


class WebhookOut(serializers.ModelSerializer[WebhookTarget]):
    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = WebhookTarget
        fields: tuple[str, ...] = (
            "id",
            "name",
            "url",
            "kinds",
            "contact",
            "is_active",
            "failing_since",
            "previous_until",
            "created_at",
        )
        read_only_fields = fields


class WebhookWithSecretOut(WebhookOut):
    """A webhook whose secret is new: this answer alone shows it."""

    secret = serializers.CharField()

    class Meta(WebhookOut.Meta):
        fields = (*WebhookOut.Meta.fields, "secret")
        read_only_fields = fields


class AttemptOut(serializers.ModelSerializer[WebhookAttempt]):
    class Meta:
        model = WebhookAttempt
        fields = ("number", "at", "status", "error", "took_ms")
        read_only_fields = fields


class DeliveryOut(serializers.ModelSerializer[WebhookDelivery]):
    state = serializers.ChoiceField(DeliveryState.choices)
    seq = serializers.IntegerField(source="event.seq", allow_null=True)
    kind = serializers.CharField(source="event.kind")
    number = serializers.CharField(source="event.number")
    attempts = AttemptOut(many=True)

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "state",
            "seq",
            "kind",
            "number",
            "tries",
            "next_try_at",
            "created_at",
            "attempts",
        )
        read_only_fields = fields
