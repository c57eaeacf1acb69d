"""The staff's doors to events and webhooks."""

import re
from http import HTTPStatus
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from mdv.events import services
from mdv.events.filters import DeliveryFilter
from mdv.events.models import WebhookAttempt, WebhookDelivery, WebhookTarget
from mdv.events.serializers import (
    DeliveryOut,
    EventsOut,
    WebhookIn,
    WebhookOut,
    WebhookWithSecretOut,
)
from mdv.events.signing import secret_of
from mdv.http.filters import StrictFilterBackend, check_parameters
from mdv.http.pagination import StaffPages
from mdv.http.permissions import MayByMethod, may
from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from mdv.kernel import clock
from mdv.kernel.errors import FieldProblem, Invalid
from mdv.kernel.states import InvalidTransition

PLACE = re.compile(r"[0-9]{1,18}")
MAX_PLACE = 10**18 - 1
EVENTS, MAX_EVENTS = 100, 1_000
MANAGE = "events.manage_webhooktarget"


class EventsView(APIView):
    permission_classes = (may("events.view_event"),)

    @extend_schema(
        operation_id="events_list",
        responses=EventsOut,
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": MAX_PLACE, "default": 0},
                description="The place of the last event that is known.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": EVENTS},
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """List what happened behind a place, in order and without gaps, the oldest first."""
        check_parameters(request, {"after", "limit"})
        after = _whole_number(request, "after", 0, at_least=0, at_most=MAX_PLACE)
        limit = _whole_number(request, "limit", EVENTS, at_least=1, at_most=MAX_EVENTS)
        events = services.read_events(after=after, limit=limit)
        next_after = events[-1].seq if events else after
        return Response(EventsOut({"next_after": next_after, "results": events}).data)


class WebhookViews(GenericViewSet[Any]):
    has_version = True
    refusals = {"POST": ["webhook_name_is_unique"], "PATCH": ["webhook_name_is_unique"]}
    permission_classes = (MayByMethod,)
    rights = {"GET": "events.view_webhooktarget", "POST": MANAGE, "PATCH": MANAGE}
    serializer_class = WebhookOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    queryset = WebhookTarget.objects.order_by("name", "id")

    def list(self, request: Request) -> Response:
        """List webhooks by name."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(WebhookOut(rows, many=True).data)

    @extend_schema(request=WebhookIn, responses={201: WebhookWithSecretOut})
    def create(self, request: Request) -> Response:
        """Add a webhook. The answer shows its secret, this once."""
        given = WebhookIn(data=request.data)
        given.is_valid(raise_exception=True)
        target = services.create_target(**given.validated_data)
        response = _with_secret(target)
        response.status_code = HTTPStatus.CREATED
        response["Location"] = reverse("webhook", args=[target.pk])
        return response

    def retrieve(self, request: Request, target_id: int) -> Response:
        """Show a webhook."""
        return _shown(get_object_or_404(WebhookTarget, pk=target_id))

    @extend_schema(request=WebhookIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, target_id: int) -> Response:
        """Change a webhook, or switch it off or on. Its log stays, so it is never deleted."""
        version = expected_version(request)
        given = WebhookIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return _shown(
            services.update_target(target_id=target_id, version=version, **given.validated_data)
        )


class RotateSecretView(APIView):
    has_version = True
    permission_classes = (may(MANAGE),)

    @extend_schema(request=None, responses=WebhookWithSecretOut)
    def post(self, request: Request, target_id: int) -> Response:
        """Give a webhook a new secret. The present one signs too for another 24 hours."""
        return _with_secret(services.rotate_secret(target_id=target_id, at=clock.now()))


class PingView(APIView):
    refusals = {"POST": [services.WebhookIsOff]}
    permission_classes = (may(MANAGE),)

    @extend_schema(request=None, responses={202: DeliveryOut})
    def post(self, request: Request, target_id: int) -> Response:
        """Send a `webhook.ping` to one webhook."""
        delivery = services.ping_target(target_id=target_id)
        return Response(DeliveryOut(delivery).data, status=HTTPStatus.ACCEPTED)


class DeliveriesView(GenericAPIView[WebhookDelivery]):
    permission_classes = (may("events.view_webhookdelivery"),)
    serializer_class = DeliveryOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    filterset_class = DeliveryFilter
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        attempts = Prefetch("attempts", WebhookAttempt.objects.order_by("number", "id"))
        rows = WebhookDelivery.objects.select_related("event").prefetch_related(attempts)
        return rows.filter(target_id=self.kwargs.get("target_id")).order_by("-id")

    @extend_schema(operation_id="staff_webhooks_deliveries_list", responses=DeliveryOut(many=True))
    def get(self, request: Request, target_id: int) -> Response:
        """List what was sent to a webhook, or is to be, with every attempt; the newest first."""
        get_object_or_404(WebhookTarget, pk=target_id)
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DeliveryOut(rows, many=True).data)


class RedeliverView(APIView):
    refusals = {"POST": [services.WebhookIsOff, InvalidTransition]}
    permission_classes = (may(MANAGE),)

    @extend_schema(request=None, responses={202: DeliveryOut})
    def post(self, request: Request, target_id: int, delivery_id: int) -> Response:
        """Have an event delivered again."""
        delivery = services.redeliver(target_id=target_id, delivery_id=delivery_id, at=clock.now())
        return Response(DeliveryOut(delivery).data, status=HTTPStatus.ACCEPTED)


def _shown(target: WebhookTarget) -> Response:
    return with_etag(Response(WebhookOut(target).data), target.version)


def _with_secret(target: WebhookTarget) -> Response:
    target.secret = secret_of(target.salt)  # type: ignore[attr-defined]
    return with_etag(Response(WebhookWithSecretOut(target).data), target.version)


def _whole_number(request: Request, name: str, default: int, *, at_least: int, at_most: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not PLACE.fullmatch(given) or not at_least <= int(given) <= at_most:
        message = f"A whole number from {at_least} to {at_most}."
        raise Invalid(problems=[FieldProblem(name, "invalid", message)])
    return int(given)
