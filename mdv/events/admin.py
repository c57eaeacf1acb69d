from collections.abc import Sequence
from typing import Any

import orjson
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.show import BAD, BUSY, GOOD, show_label, show_link, show_moment, show_table
from mdv.events import services
from mdv.events.kinds import known_kinds
from mdv.events.models import Event, WebhookAttempt, WebhookDelivery, WebhookTarget
from mdv.events.services.keep_targets import BOTH_VALID_FOR
from mdv.events.signing import secret_of
from mdv.events.states import DeliveryState
from mdv.kernel import clock

STATE_COLOURS = {
    DeliveryState.QUEUED: BUSY,
    DeliveryState.DELIVERED: GOOD,
    DeliveryState.FAILED: BAD,
}
MANAGE = "events.manage_webhooktarget"
SHOWN_ATTEMPTS = 50
S_PER_HOUR = 3600


def ping(request: HttpRequest, target: WebhookTarget, filled: dict[str, Any]) -> str:
    services.ping_target(target_id=target.pk)
    return "The ping is on its way. Its delivery says how it went."


def rotate(request: HttpRequest, target: WebhookTarget, filled: dict[str, Any]) -> str:
    changed = services.rotate_secret(target_id=target.pk, at=clock.now())
    return f"The new secret, shown this once: {secret_of(changed.salt)}"


def switch(request: HttpRequest, target: WebhookTarget, filled: dict[str, Any]) -> str:
    changed = services.update_target(target_id=target.pk, is_active=not target.is_active)
    return f"The webhook is switched {'on' if changed.is_active else 'off'}."


def redeliver(request: HttpRequest, delivery: WebhookDelivery, filled: dict[str, Any]) -> str:
    services.redeliver(target_id=delivery.target_id, delivery_id=delivery.pk, at=clock.now())
    return "It is delivered again, within seconds."


def is_active(target: WebhookTarget) -> bool:
    return target.is_active


class KindFilter(KnownFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.choices_known = [(kind, kind) for kind in known_kinds()]
        return super().lookups(request, model_admin)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, in the order in which others learn of it."""

    has_history = False
    list_display = ("seq", "created_at", "kind", "number")
    list_filter = (KindFilter,)
    search_fields = ("number",)
    search_help_text = "Number of what it is about"
    ordering = ("-id",)
    fields = (
        "seq",
        "kind",
        "about",
        "number",
        "shown_payload",
        "created_at",
        "actor_id",
        "request_id",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        term = search_term.strip()
        return (queryset.filter(number=term) if term else queryset), False

    @admin.display(description="payload")
    def shown_payload(self, event: Event) -> SafeString:
        text = orjson.dumps(event.payload, option=orjson.OPT_INDENT_2).decode()
        return format_html("<pre>{}</pre>", text)


@admin.register(WebhookTarget)
class WebhookTargetAdmin(ReadOnlyAdmin):
    """Servers outside that are told of events. They are added over the API."""

    list_display = ("name", "url", "shown_kinds", "is_active", "failing_since")
    ordering = ("name", "id")
    fields = (
        "name",
        "url",
        "shown_kinds",
        "contact",
        "is_active",
        "failing_since",
        "previous_until",
        "created_at",
    )
    object_actions: Sequence[Action] = (
        Action(
            name="ping",
            label="Send a ping",
            right=MANAGE,
            run=ping,
            is_open=is_active,
            preview="A webhook.ping is sent to it, signed as all others are.",
        ),
        Action(
            name="rotate-secret",
            label="New secret",
            right=MANAGE,
            run=rotate,
            preview=(
                "A new secret is made and shown once. The present one is valid too for another "
                f"{BOTH_VALID_FOR.total_seconds() / S_PER_HOUR:.0f} hours."
            ),
        ),
        Action(
            name="switch-off",
            label="Switch off",
            right=MANAGE,
            run=switch,
            is_open=is_active,
            preview="Nothing more is sent to it. What happens meanwhile is not queued for it.",
            is_dangerous=True,
        ),
        Action(
            name="switch-on",
            label="Switch on",
            right=MANAGE,
            run=switch,
            is_open=lambda target: not target.is_active,
            preview="What still waited for it is sent, and what happens from now on.",
        ),
    )

    @admin.display(description="events")
    def shown_kinds(self, target: WebhookTarget) -> str:
        return ", ".join(target.kinds) or "all"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """The log of what was sent to whom, and of every attempt."""

    has_history = False
    list_display = ("created_at", "target", "event", "shown_state", "tries", "next_try_at")
    list_filter = ("state",)
    list_select_related = ("target", "event")
    ordering = ("-id",)
    fields = (
        "shown_target",
        "shown_event",
        "shown_state",
        "tries",
        "next_try_at",
        "created_at",
        "shown_attempts",
    )
    object_actions: Sequence[Action] = (
        Action(
            name="redeliver",
            label="Deliver again",
            right=MANAGE,
            run=redeliver,
            preview="The event is sent once more. The receiver may have it already.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        return super().get_queryset(request).select_related("target", "event")

    @admin.display(description="webhook")
    def shown_target(self, delivery: WebhookDelivery) -> SafeString:
        return show_link("events_webhooktarget", delivery.target_id, delivery.target.name)

    @admin.display(description="event")
    def shown_event(self, delivery: WebhookDelivery) -> SafeString:
        return show_link("events_event", delivery.event_id, str(delivery.event))

    @admin.display(description="state", ordering="state")
    def shown_state(self, delivery: WebhookDelivery) -> SafeString:
        state = DeliveryState(delivery.state)
        return show_label(state.label, STATE_COLOURS[state])

    @admin.display(description="attempts")
    def shown_attempts(self, delivery: WebhookDelivery) -> SafeString:
        attempts = WebhookAttempt.objects.filter(delivery=delivery)
        last = attempts.order_by("-number", "-id")[:SHOWN_ATTEMPTS]
        return show_table(
            ["Attempt", "At", "Status", "Problem", "Took (ms)"],
            [
                (a.number, show_moment(a.at), a.status or "", a.error, a.took_ms)
                for a in last[:SHOWN_ATTEMPTS]
            ],
            numbers={"Attempt", "Status", "Took (ms)"},
        )
