"""What staff see of parcels, and how they get them on their way."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
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
from mdv.http.serializers import StrictSerializer
from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from shop.fulfilment import services
from shop.fulfilment.filters import ShipmentFilter
from shop.fulfilment.models import Shipment
from shop.fulfilment.serializers import (
    CameBackIn,
    DispatchIn,
    LinesIn,
    PackIn,
    ShipmentDetailOut,
    ShipmentOut,
    StepNoteIn,
    TrackingIn,
)
from shop.fulfilment.services import Packed
from shop.orders.models import Order
from shop.orders.serializers import StaffOrderOut
from shop.orders.services import MoneyIsMissing

MOVING = may("fulfilment.ship_shipment")


def shown(shipment: Shipment) -> dict[str, Any]:
    """Return a parcel as it is now."""
    found: dict[str, Any] = ShipmentDetailOut(Shipment.objects.with_all().get(pk=shipment.pk)).data
    return found


def given(request: Request, serializer: type[StrictSerializer]) -> dict[str, Any]:
    """Return what was sent, checked."""
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    found: dict[str, Any] = checked.validated_data
    return found


class OrderShipmentsView(APIView):
    permission_classes = (MayByMethod,)
    rights = {"GET": "fulfilment.view_shipment", "POST": "fulfilment.add_shipment"}
    refusals = {"POST": services.REFUSALS_OF_PACKING}

    @extend_schema(
        operation_id="staff_orders_shipments_list", responses=ShipmentDetailOut(many=True)
    )
    def get(self, request: Request, number: str) -> Response:
        """List the parcels of an order, with what happened to them."""
        order = get_object_or_404(Order.objects.all(), number=number)
        parcels = Shipment.objects.filter(order=order).with_all().order_by("place", "id")
        return Response(ShipmentDetailOut(parcels, many=True).data)

    @extend_schema(
        operation_id="staff_orders_shipments_create",
        request=PackIn,
        responses={201: ShipmentDetailOut},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Open a parcel for some lines of an order, or for everything that is open of it."""
        lines = [Packed(**line) for line in given(request, PackIn).get("lines", ())]
        shipment = services.create_shipment(number=number, lines=lines, at=clock.now())
        location = reverse("shipment", args=[shipment.number])
        return Response(shown(shipment), status=HTTPStatus.CREATED, headers={"Location": location})


class OrdersToPackView(GenericAPIView[Order]):
    permission_classes = (may("fulfilment.view_shipment"),)
    serializer_class = StaffOrderOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return services.orders_to_pack().order_by("created_at", "id")

    @extend_schema(operation_id="staff_shipments_waiting_list", responses=StaffOrderOut(many=True))
    def get(self, request: Request) -> Response:
        """List the orders of which something is in no parcel yet, the oldest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffOrderOut(rows, many=True).data)


class ShipmentsView(GenericAPIView[Shipment]):
    permission_classes = (may("fulfilment.view_shipment"),)
    serializer_class = ShipmentOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    filterset_class = ShipmentFilter
    queryset = Shipment.objects.with_lines().order_by("created_at", "id")

    @extend_schema(operation_id="staff_shipments_list", responses=ShipmentOut(many=True))
    def get(self, request: Request) -> Response:
        """List parcels, the oldest first: all, or what is to be packed, shipped, or on its way."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ShipmentOut(rows, many=True).data)


class ShipmentView(APIView):
    permission_classes = (may("fulfilment.view_shipment"),)

    @extend_schema(operation_id="staff_shipments_retrieve", responses=ShipmentDetailOut)
    def get(self, request: Request, number: str) -> Response:
        """Show a parcel with what is in it and what happened to it."""
        parcels = Shipment.objects.with_all()
        return Response(ShipmentDetailOut(get_object_or_404(parcels, number=number)).data)


class ShipmentLinesView(APIView):
    permission_classes = (may("fulfilment.add_shipment"),)
    refusals = {"PUT": [*services.REFUSALS_OF_PACKING, services.LinesAreFixed]}

    @extend_schema(request=LinesIn, responses=ShipmentDetailOut)
    def put(self, request: OwnRequest, number: str) -> Response:
        """Replace what is in a parcel that is being packed."""
        lines = [Packed(**line) for line in given(request, LinesIn)["lines"]]
        return Response(shown(services.change_lines(number=number, lines=lines, at=clock.now())))


class ReadyView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition, MoneyIsMissing]}

    @extend_schema(request=None, responses=ShipmentDetailOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say that a parcel is packed and waits for its carrier."""
        return Response(shown(services.mark_ready(number=number, at=clock.now())))


class DispatchView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition, services.AlreadyDispatched, MoneyIsMissing]}

    @extend_schema(request=DispatchIn, responses=ShipmentDetailOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say that a parcel has left with its carrier: its goods are no longer on hand."""
        sent = given(request, DispatchIn)
        return Response(shown(services.dispatch_shipment(number=number, **sent, at=clock.now())))


class ShipmentTrackingView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [services.NotOnItsWay]}

    @extend_schema(request=TrackingIn, responses=ShipmentDetailOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Correct carrier and tracking number of a parcel that is on its way.

        What they were before stays among the parcel's events. The same again changes nothing.
        """
        sent = given(request, TrackingIn)
        return Response(shown(services.correct_tracking(number=number, **sent, at=clock.now())))


class InTransitView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=StepNoteIn, responses=ShipmentDetailOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say that the carrier has scanned a parcel."""
        sent = given(request, StepNoteIn)
        return Response(shown(services.mark_in_transit(number=number, **sent, at=clock.now())))


class DeliverView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=StepNoteIn, responses=ShipmentDetailOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say that a parcel has arrived. After the last one a paid order is completed."""
        sent = given(request, StepNoteIn)
        return Response(shown(services.deliver_shipment(number=number, **sent, at=clock.now())))


class ReturnedView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=CameBackIn, responses=ShipmentDetailOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say that a parcel came back to us, and what of it goes on the shelf again."""
        sent = given(request, CameBackIn)
        shipment = services.return_to_sender(
            number=number,
            restock=[Packed(**line) for line in sent["restock"]],
            note=sent.get("note", ""),
            at=clock.now(),
        )
        return Response(shown(shipment))


class CancelShipmentView(APIView):
    permission_classes = (MOVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=StepNoteIn, responses=ShipmentDetailOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Give up a parcel that has not left: what is in it is open again."""
        sent = given(request, StepNoteIn)
        return Response(shown(services.cancel_shipment(number=number, **sent, at=clock.now())))
