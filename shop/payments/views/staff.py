"""What staff see of an order with its money, and the money that they book."""

from http import HTTPStatus

from django.db.models import Prefetch
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.services import record
from mdv.accounts.authentication import OwnRequest
from mdv.http.etags import tagged
from mdv.http.permissions import may
from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from mdv.kernel import clock
from shop.orders.models import Order, OrderLine, OrderNote
from shop.orders.serializers import StaffOrderOut
from shop.payments import services
from shop.payments.models import Payment
from shop.payments.serializers import PaymentIn, StaffOrderDetailOut
from shop.payments.states import Channel

ALL_OF_IT = (
    Prefetch("lines", OrderLine.objects.order_by("position"), to_attr="lines_by_position"),
    Prefetch("payments", Payment.objects.order_by("id"), to_attr="payments_by_age"),
    Prefetch(
        "notes",
        OrderNote.objects.select_related("author").order_by("id"),
        to_attr="notes_by_age",
    ),
)


class StaffOrderView(APIView):
    has_etag = True
    permission_classes = (may("orders.view_order"),)

    @extend_schema(operation_id="staff_orders_retrieve", responses=StaffOrderDetailOut)
    def get(self, request: OwnRequest, number: str) -> HttpResponse:
        """Show an order with its lines, payments and notes. Looking is recorded."""
        orders = Order.objects.select_related("user", "coupon").prefetch_related(*ALL_OF_IT)
        order = get_object_or_404(orders, number=number)
        record("viewed", subject=order)
        return tagged(request, Response(StaffOrderDetailOut(order).data))


class OrderPaymentsView(APIView):
    refusals = {
        "POST": [
            services.MoreThanDue,
            services.OrderIsCancelled,
            services.ReferenceUsed,
            "order_captured_equals_its_payments",
        ]
    }
    has_location = False
    permission_classes = (may("payments.record_payment"),)

    @extend_schema(request=PaymentIn, responses={201: StaffOrderOut}, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Book money that arrived. The order is confirmed once it is paid in full."""
        given = PaymentIn(data=request.data)
        given.is_valid(raise_exception=True)
        order = services.record_payment(
            number=number,
            amount=given.validated_data["amount"],
            channel=Channel(given.validated_data["channel"]),
            reference=given.validated_data["reference"],
            accept_excess=given.validated_data["accept_excess"],
            at=clock.now(),
        )
        return Response(StaffOrderOut(order).data, status=HTTPStatus.CREATED)
