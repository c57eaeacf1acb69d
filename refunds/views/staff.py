"""What staff see of returns, decide and count."""

from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.authentication import OwnRequest
from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.permissions import MayByMethod, may
from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.filters import ReturnFilter
from refunds.models import Return
from refunds.serializers.returns import (
    ApproveReturnIn,
    ReceiveReturnIn,
    RejectReturnIn,
    ReturnIn,
    StaffReturnOut,
)
from refunds.states import Condition, ReturnSource
from refunds.views.asking import asked_for, given
from shop.orders.models import Order

DECIDING = may("refunds.decide_return")
RECEIVING = may("refunds.receive_return")


def shown(returned: Return) -> dict[str, Any]:
    """Return a return as it is now."""
    found: dict[str, Any] = StaffReturnOut(Return.objects.with_lines().get(pk=returned.pk)).data
    return found


class OrderReturnsView(APIView):
    permission_classes = (MayByMethod,)
    rights = {"GET": "refunds.view_return", "POST": "refunds.add_return"}
    refusals = {"POST": [services.MoreThanWasDelivered]}

    @extend_schema(operation_id="staff_orders_returns_list", responses=StaffReturnOut(many=True))
    def get(self, request: Request, number: str) -> Response:
        """List the returns of an order, the oldest first."""
        order = get_object_or_404(Order.objects.all(), number=number)
        returns = Return.objects.filter(order=order).with_lines().order_by("requested_at", "id")
        return Response(StaffReturnOut(returns, many=True).data)

    @extend_schema(
        operation_id="staff_orders_returns_create",
        request=ReturnIn,
        responses={201: StaffReturnOut},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Enter a return for a customer, also after the shop's return window."""
        returned = asked_for(request, number, source=ReturnSource.STAFF)
        location = reverse("return", args=[returned.number])
        return Response(shown(returned), status=HTTPStatus.CREATED, headers={"Location": location})


class ReturnsView(GenericAPIView[Return]):
    permission_classes = (may("refunds.view_return"),)
    serializer_class = StaffReturnOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    filterset_class = ReturnFilter
    queryset = Return.objects.with_lines().order_by("requested_at", "id")

    @extend_schema(operation_id="staff_returns_list", responses=StaffReturnOut(many=True))
    def get(self, request: Request) -> Response:
        """List returns, the oldest first: all, what is to be decided, or what is to be received."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffReturnOut(rows, many=True).data)


class ReturnView(APIView):
    permission_classes = (may("refunds.view_return"),)

    @extend_schema(operation_id="staff_returns_retrieve", responses=StaffReturnOut)
    def get(self, request: Request, number: str) -> Response:
        """Show a return with what was asked for, agreed to, and received."""
        returns = Return.objects.with_lines()
        return Response(StaffReturnOut(get_object_or_404(returns, number=number)).data)


class ApproveReturnView(APIView):
    permission_classes = (DECIDING,)
    refusals = {"POST": [services.AlreadyApproved, InvalidTransition]}

    @extend_schema(request=ApproveReturnIn, responses=StaffReturnOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Agree to take a return back, all of it or less. The customer is told where it goes."""
        sent = given(request, ApproveReturnIn)
        lines = [services.Wanted(**line) for line in sent["lines"]] if "lines" in sent else None
        returned = services.approve_return(
            number=number, lines=lines, answer=sent.get("answer", ""), at=clock.now()
        )
        return Response(shown(returned))


class RejectReturnView(APIView):
    permission_classes = (DECIDING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=RejectReturnIn, responses=StaffReturnOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Refuse to take a return back, and tell the customer why."""
        sent = given(request, RejectReturnIn)
        return Response(shown(services.reject_return(number=number, **sent, at=clock.now())))


class ReceiveReturnView(APIView):
    permission_classes = (RECEIVING,)
    refusals = {"POST": [services.ReturnHasChanged, InvalidTransition]}

    @extend_schema(request=ReceiveReturnIn, responses=StaffReturnOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Count goods that came back, by condition, and put those to be sold again on the shelf.

        The same count of the same version is done once, whoever sends it. What comes later is
        received with the version of then.
        """
        sent = given(request, ReceiveReturnIn)
        received = [
            services.Received(**{**line, "condition": Condition(line["condition"])})
            for line in sent["lines"]
        ]
        returned = services.receive_return(
            number=number, version=sent["version"], received=received, at=clock.now()
        )
        return Response(shown(returned))


class CloseReturnView(APIView):
    permission_classes = (RECEIVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=None, responses=StaffReturnOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Wait for nothing more of a return that something came of."""
        return Response(shown(services.close_return(number=number, at=clock.now())))


class StaffCancelReturnView(APIView):
    permission_classes = (DECIDING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=None, responses=StaffReturnOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Give up a return of which nothing has come."""
        return Response(shown(services.cancel_return(number=number, at=clock.now())))
