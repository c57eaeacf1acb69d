"""Where staff look at what would come of cancelling an order, and cancel it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.authentication import OwnRequest
from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.permissions import may
from mdv.idempotency.doors import KEY_PARAMETER, in_two_steps, key_of
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from mdv.limits import services as limits
from mdv.limits.throttles import whom
from refunds import services
from refunds.serializers.cancelling import (
    CancellationPlanOut,
    CancelledOrderOut,
    OwedOrderOut,
    PlanCancellationIn,
    StaffCancelIn,
)
from refunds.states import RefundSource
from refunds.views.asking import given
from refunds.views.refunds import all_of_it
from shop.orders.models import Order
from shop.orders.services import AlreadyConfirmed, AlreadyShipped
from shop.orders.states import CancelReason

CANCELLING = may("orders.cancel_order")
LIMIT_OF_REFUNDS = "refund"
REFUSALS_OF_PLANNING = (
    InvalidTransition,
    AlreadyShipped,
    AlreadyConfirmed,
    services.RefundingNotAllowed,
    services.NoRefundPolicy,
)


class PlanCancellationView(APIView):
    permission_classes = (CANCELLING,)
    refusals = {"POST": REFUSALS_OF_PLANNING}

    @extend_schema(request=PlanCancellationIn, responses=CancellationPlanOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say what would come of cancelling an order; nothing is written.

        The plan names the units that are free again, the parcels that are unpacked, the coupon, and
        the money that is here. With `refund` true it says what goes back of which payment and
        whether somebody else has to agree; with false, what stays and is owed to the customer. Of
        an order that is cancelled already it is about what stayed.
        """
        sent = given(request, PlanCancellationIn)
        plan = services.plan_cancellation(
            number=number, **_wanted(sent), user_id=request.user.pk, at=clock.now()
        )
        return Response(CancellationPlanOut(plan).data)


class StaffCancelOrderView(APIView):
    permission_classes = (CANCELLING,)
    refusals = {
        "POST": (
            *REFUSALS_OF_PLANNING,
            services.RefundNotAnswered,
            services.PlanHasChanged,
            services.MoneyTakenBack,
        )
    }

    @extend_schema(request=StaffCancelIn, responses=CancelledOrderOut, parameters=[KEY_PARAMETER])
    def post(self, request: OwnRequest, number: str) -> HttpResponse:
        """Cancel an order, with its parcels that have not left.

        Where no money is here it is done at once. Else it takes the answer whether the money goes
        back, and the hash of the plan: without them 409 `order_has_payments` brings both plans. A
        refund above one's limits is `requested`, and the order is cancelled whatever becomes of it.
        A confirmed order takes a right of its own. Of what has left something can only come back.
        Sent again with the same key, a request that died on the way goes on where it stopped.
        Only what gives money back counts against the limit of refunds as well.
        """
        key_of(request)  # asked for before the body is read
        sent = given(request, StaffCancelIn)
        if sent["refund"]:
            limits.enforce(LIMIT_OF_REFUNDS, whom(request))
        return in_two_steps(
            request, begin=lambda: _cancel(sent, number, by=request.user.pk), finish=_execute
        )


class OwedOrdersView(GenericAPIView[Order]):
    permission_classes = (may("refunds.view_refund"),)
    serializer_class = OwedOrderOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return services.owed_orders().order_by("created_at", "id")

    @extend_schema(operation_id="staff_refunds_owed_list", responses=OwedOrderOut(many=True))
    def get(self, request: Request) -> Response:
        """List the orders of which money is owed to the customer, the oldest first.

        They are cancelled, or units of them are. Nobody has promised the money back: it stayed when
        they were cancelled, or its refund was rejected, given up or failed.
        """
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OwedOrderOut(rows, many=True).data)


def _wanted(sent: dict[str, Any]) -> dict[str, Any]:
    return {"reason": CancelReason(sent["reason"]), "refund": sent["refund"]}


def _cancel(sent: dict[str, Any], number: str, *, by: int) -> str:
    """Cancel the order, and return its number."""
    try:
        services.cancel_order(
            number=number,
            **_wanted(sent),
            plan_hash=sent["plan_hash"],
            user_id=by,
            at=clock.now(),
        )
    except services.PlanHasChanged as changed:
        changed.members["plan"] = CancellationPlanOut(changed.plan).data
        raise
    except services.RefundNotAnswered as refusal:
        refusal.members |= {
            "with_refund": refusal.with_refund and CancellationPlanOut(refusal.with_refund).data,
            "without_refund": CancellationPlanOut(refusal.without_refund).data,
        }
        raise
    return number


def _execute(number: str) -> Response:
    refunds = all_of_it().filter(order__number=number, source=RefundSource.CANCEL).order_by("id")
    newest = refunds.last()
    if newest:
        services.execute_plan(number=newest.number, at=clock.now())
    shown = CancelledOrderOut(Order.objects.get(number=number), context={"refunds": refunds.all()})
    return Response(shown.data)
