"""Where customers send goods back."""

from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.models import Return
from refunds.serializers.returns import ReturnIn, ReturnOut
from refunds.states import ReturnSource
from refunds.views.asking import asked_for
from shop.orders.views import TOKEN_PARAMETER, opened_order


class ReturnsView(APIView):
    has_location = False
    permission_classes = (AllowAny,)
    refusals = {"POST": services.REFUSALS_OF_REQUESTING}

    @extend_schema(
        operation_id="orders_returns_list",
        responses=ReturnOut(many=True),
        parameters=[TOKEN_PARAMETER],
    )
    def get(self, request: Request, number: str) -> Response:
        """List an order's returns, the oldest first, to its customer or who has its token."""
        order = opened_order(request, number)
        returns = Return.objects.filter(order=order).with_lines().order_by("requested_at", "id")
        return Response(ReturnOut(returns, many=True).data)

    @extend_schema(
        operation_id="orders_returns_create",
        request=ReturnIn,
        responses={201: ReturnOut},
        parameters=[KEY_PARAMETER, TOKEN_PARAMETER],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Ask to send something back that was delivered within the shop's return window."""
        # Outside the door: a stored answer too is only for who may see the order.
        opened_order(request, number)
        return self._ask(request, number)

    @idempotent
    def _ask(self, request: Request, number: str) -> Response:
        returned = asked_for(request, number, source=ReturnSource.CUSTOMER)
        return Response(_shown(returned), status=HTTPStatus.CREATED)


class CancelReturnView(APIView):
    permission_classes = (AllowAny,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=None, responses=ReturnOut, parameters=[KEY_PARAMETER, TOKEN_PARAMETER])
    def post(self, request: Request, number: str, returned: str) -> HttpResponse:
        """Give up a return of which nothing has arrived yet."""
        opened_order(request, number)
        return self._cancel(request, number, returned)

    @idempotent
    def _cancel(self, request: Request, number: str, returned: str) -> Response:
        found = services.cancel_return(number=returned, order=number, at=clock.now())
        return Response(_shown(found))


def _shown(returned: Return) -> object:
    return ReturnOut(Return.objects.with_lines().get(pk=returned.pk)).data
