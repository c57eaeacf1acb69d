"""Where customers see how far their order is."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.fulfilment.serializers import TrackingOut
from shop.fulfilment.states import EventKind, ShipmentState
from shop.orders.views import TOKEN_PARAMETER, opened_order


class TrackingView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="orders_tracking_retrieve",
        responses=TrackingOut,
        parameters=[TOKEN_PARAMETER],
    )
    def get(self, request: Request, number: str) -> Response:
        """Show how far an order is and where its parcels are, to its customer or who has its token.

        What staff repacked or gave up is not shown.
        """
        order = opened_order(request, number)
        told = ShipmentEvent.objects.exclude(kind=EventKind.LINES_CHANGED).order_by("id")
        shipments = order.shipments.exclude(state=ShipmentState.CANCELLED)
        shown = Shipment.objects.filter(pk__in=shipments.values("pk")).with_lines()
        shown = shown.prefetch_related(Prefetch("events", told, to_attr="events_by_age"))
        facts = {
            "number": order.number,
            "status": order.status,
            "lines": order.lines.order_by("position"),
            "shipments": shown.order_by("place", "id"),
        }
        return Response(TrackingOut(facts).data)
