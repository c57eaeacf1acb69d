"""What customers do with orders where money matters: placing them, and seeing what is due."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.http.etags import tagged
from mdv.http.filters import StrictFilterBackend
from mdv.idempotency.doors import KEY_PARAMETER, idempotent_with
from mdv.idempotency.secrets import Secret
from mdv.kernel import clock
from mdv.store.services import store_settings
from shop.orders.filters import OrderFilter
from shop.orders.models import Order
from shop.orders.serializers import OrderOut
from shop.orders.services import Checkout, WantedLine, access_token
from shop.orders.views import TOKEN_PARAMETER, opened_order
from shop.payments import services
from shop.payments.serializers import OrderDetailOut, PlacedOrderOut, PlaceOrderIn

# Whoever has it may open the order, so it is not kept with the answer.
ACCESS_TOKEN = Secret(
    member="access_token",
    of=lambda answer: access_token(Order.objects.get(number=answer["number"])),
)


class OrdersView(GenericAPIView[Order]):
    refusals = {"POST": services.REFUSALS_OF_CHECKING_OUT}
    serializer_class = OrderOut
    queryset = Order.objects.none()
    filter_backends = (StrictFilterBackend,)
    filterset_class = OrderFilter
    limit_scopes = {"POST": "order"}

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user.pk).order_by("-created_at", "-id")

    @extend_schema(operation_id="orders_list", responses=OrderOut(many=True))
    def get(self, request: Request) -> Response:
        """List one's own orders, the newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OrderOut(rows, many=True).data)

    @extend_schema(
        operation_id="orders_create",
        request=PlaceOrderIn,
        responses={201: PlacedOrderOut},
        parameters=[KEY_PARAMETER],
        filters=False,
    )
    @idempotent_with(ACCESS_TOKEN)
    def post(self, request: Request) -> Response:
        """Place an order, hold its stock, and learn how to pay for it.

        From a cart, which is gone afterwards, or from lines: exactly one of them. All or nothing:
        if the total is not the expected one or something is short, nothing is ordered. A guest
        opens the order later with the `access_token` that only this answer shows.
        """
        given = PlaceOrderIn(data=request.data, context={"user": request.user})
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        done = services.check_out(
            checkout=checkout_of(request, wanted),
            lines=[WantedLine(**line) for line in wanted.get("lines", ())],
            cart_token=wanted.get("cart", ""),
            at=clock.now(),
        )
        shown = PlacedOrderOut(done.order, context={"lines": done.lines, "payment": done.payment})
        location = reverse("order", args=[done.order.number])
        return Response(shown.data, status=HTTPStatus.CREATED, headers={"Location": location})


class OrderView(APIView):
    has_etag = True
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="orders_retrieve", responses=OrderDetailOut, parameters=[TOKEN_PARAMETER]
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Show an order to its customer, or to who holds its access token."""
        order = opened_order(request, number)
        known = {
            "lines": order.lines.order_by("position"),
            "payment": services.how_to_pay(order, store_settings()),
        }
        return tagged(request, Response(OrderDetailOut(order, context=known).data))


def checkout_of(request: Request, wanted: dict[str, Any]) -> Checkout:
    """Return who orders what way, as far as the request says."""
    return Checkout(
        user_id=request.user.pk,
        name=wanted.get("name", ""),
        email=wanted["email"],
        phone=wanted.get("phone", ""),
        delivery_method=wanted["delivery_method"],
        payment_method=wanted["payment_method"],
        shipping_address=wanted.get("shipping_address", {}),
        expected_total=wanted["expected_total"],
        coupon_code=wanted.get("coupon", ""),
    )
