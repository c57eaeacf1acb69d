"""The doors to orders that are already there: cancelling, confirming, remarking, listing."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.services import record
from mdv.accounts.authentication import OwnRequest
from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.pdf import PDF, PdfView, pdf_answer
from mdv.http.permissions import MayByMethod, may
from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from mdv.kernel import clock, context
from mdv.kernel.states import InvalidTransition
from shop.orders import services
from shop.orders.filters import StaffOrderFilter
from shop.orders.models import Order
from shop.orders.serializers import (
    AcceptMissingIn,
    CancelIn,
    MissingMoneyOut,
    NoteIn,
    NoteOut,
    OrderOut,
    ReorderedOut,
    StaffOrderOut,
)
from shop.orders.states import CancelReason

TOKEN = "X-Order-Token"  # noqa: S105 (the name of a header)
TOKEN_PARAMETER = OpenApiParameter(
    TOKEN,
    str,
    OpenApiParameter.HEADER,
    description="The order's access token, for who is not logged in as its customer.",
)


def opened_order(request: Request, number: str) -> Order:
    """Return the order for its customer, or for who sent its token; to others it does not exist."""
    return services.get_order(
        number=number, user_id=request.user.pk, token=request.headers.get(TOKEN, "")
    )


class CancelOrderView(APIView):
    refusals = {"POST": services.REFUSALS_OF_CANCELLING}
    permission_classes = (AllowAny,)

    @extend_schema(
        request=CancelIn, responses=OrderOut, parameters=[KEY_PARAMETER, TOKEN_PARAMETER]
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel an order that is neither confirmed nor paid."""
        # Outside the door: a stored answer too is only for who may see the order.
        opened_order(request, number)
        return self._cancel(request, number)

    @idempotent
    def _cancel(self, request: Request, number: str) -> Response:
        given = CancelIn(data=request.data)
        given.is_valid(raise_exception=True)
        with context.refined(reason=given.validated_data.get("reason", "")):
            order = services.cancel_order(
                number=number, reason=CancelReason.CUSTOMER, at=clock.now(), only_pending=True
            )
        return Response(OrderOut(order).data)


class ReorderView(APIView):
    refusals = {"POST": [services.NothingIsSold]}
    permission_classes = (AllowAny,)

    @extend_schema(request=None, responses={201: ReorderedOut}, parameters=[TOKEN_PARAMETER])
    def post(self, request: Request, number: str) -> Response:
        """Open a cart with what an order had, at today's prices.

        What is no longer sold is left out and named.
        """
        order = opened_order(request, number)
        done = services.reorder(order=order, user_id=request.user.pk)
        shown = ReorderedOut(done, context={"at": clock.now()})
        location = reverse("cart", args=[done.cart.token])
        return Response(shown.data, status=HTTPStatus.CREATED, headers={"Location": location})


class InvoiceView(PdfView):
    permission_classes = (AllowAny,)
    refusals = {"GET": [services.NotInvoiced]}

    @extend_schema(
        operation_id="orders_invoice_retrieve", responses=PDF, parameters=[TOKEN_PARAMETER]
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Print an order's invoice. Before the order is confirmed there is none: 409."""
        paper = services.print_invoice(order=opened_order(request, number))
        return pdf_answer(paper.content, name=paper.name)


class StaffInvoiceView(PdfView):
    permission_classes = (may("orders.view_order"),)
    refusals = {"GET": [services.NotInvoiced]}

    @extend_schema(operation_id="staff_orders_invoice_retrieve", responses=PDF)
    def get(self, request: OwnRequest, number: str) -> HttpResponse:
        """Print an order's invoice for staff. Printing is recorded."""
        order = get_object_or_404(Order.objects.all(), number=number)
        paper = services.print_invoice(order=order)
        record("printed", subject=order, facts={"paper": paper.name})
        return pdf_answer(paper.content, name=paper.name)


class StaffOrdersView(GenericAPIView[Order]):
    permission_classes = (may("orders.view_order"),)
    serializer_class = StaffOrderOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    filterset_class = StaffOrderFilter
    queryset = Order.objects.order_by("-created_at", "-id")

    @extend_schema(operation_id="staff_orders_list", responses=StaffOrderOut(many=True))
    def get(self, request: Request) -> Response:
        """List orders, the newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffOrderOut(rows, many=True).data)


class ConfirmOrderView(APIView):
    refusals = {"POST": [services.NotPaidOnDelivery, InvalidTransition]}
    permission_classes = (may("orders.confirm_order"),)

    @extend_schema(request=None, responses=StaffOrderOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Confirm an order whose money comes with the goods."""
        order = services.confirm_pay_on_delivery(number=number, at=clock.now())
        return Response(StaffOrderOut(order).data)


class OrderNotesView(APIView):
    has_location = False
    permission_classes = (may("orders.write_note"),)

    @extend_schema(request=NoteIn, responses={201: NoteOut})
    def post(self, request: OwnRequest, number: str) -> Response:
        """Add a remark for colleagues."""
        given = NoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        note = services.write_note(number=number, author_id=request.user.pk, **given.validated_data)
        return Response(NoteOut(note).data, status=HTTPStatus.CREATED)


class MissingMoneyView(APIView):
    has_location = False
    permission_classes = (MayByMethod,)
    rights = {"GET": "orders.view_order", "POST": "orders.accept_missing"}
    refusals = {"POST": [services.NothingIsMissing, services.MissingHasChanged]}

    @extend_schema(operation_id="staff_orders_missing_money_retrieve", responses=MissingMoneyOut)
    def get(self, request: OwnRequest, number: str) -> Response:
        """Show what is missing of an order since money was taken back, and who accepted that.

        While more is missing than was accepted, no parcel of it is made ready or leaves.
        """
        return Response(self._shown(number))

    @extend_schema(
        operation_id="staff_orders_missing_money_accept",
        request=AcceptMissingIn,
        responses={201: MissingMoneyOut},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Let an order's goods leave though money is missing, which stays due.

        The amount is what is missing, as it was seen. If more is taken back later, the goods stay
        in the house again.
        """
        given = AcceptMissingIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.accept_missing(
            number=number, user_id=request.user.pk, at=clock.now(), **given.validated_data
        )
        return Response(self._shown(number), status=HTTPStatus.CREATED)

    def _shown(self, number: str) -> dict[str, Any]:
        order = get_object_or_404(Order.objects.all(), number=number)
        found = services.missing_of(order)
        facts = {
            "currency": order.currency,
            "due": order.due,
            "missing": found.missing,
            "accepted": found.accepted,
            "is_held": found.is_held,
            "acceptances": order.acceptances.select_related("accepted_by").order_by("id"),
        }
        shown: dict[str, Any] = MissingMoneyOut(facts).data
        return shown
