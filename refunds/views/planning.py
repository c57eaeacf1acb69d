"""Where staff look at what would come of a refund, and ask for it."""

from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.authentication import OwnRequest
from mdv.http.permissions import may
from mdv.idempotency.doors import KEY_PARAMETER, in_two_steps
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.models import Refund
from refunds.serializers.plans import PlanRefundIn, RefundPlanOut, RequestRefundIn
from refunds.serializers.refunds import RequestedRefundsOut
from refunds.views.refunds import all_of_it

REQUESTING = may("refunds.request_refund")
REFUSALS_OF_PLANNING = (
    services.NoRefundPolicy,
    services.NeedsTheGoodsBack,
    services.GoodwillNotAllowed,
    services.CancellingNotAllowed,
    services.ExceedsRefundable,
)


class PlanRefundView(APIView):
    permission_classes = (REQUESTING,)
    refusals = {"POST": REFUSALS_OF_PLANNING}

    @extend_schema(request=PlanRefundIn, responses=RefundPlanOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say what would come of a refund; nothing is written.

        The plan names the amounts, what each payment gives, whether somebody else has to agree,
        and what is left afterwards. Send its `plan_hash` to have exactly that done.
        """
        given = PlanRefundIn(data=request.data)
        given.is_valid(raise_exception=True)
        plan = services.plan_refund(
            number=number, wish=given.wish(), user_id=request.user.pk, at=clock.now()
        )
        return Response(RefundPlanOut(plan).data)


class RequestRefundView(APIView):
    has_location = False
    limit_scopes = {"POST": "refund"}
    permission_classes = (REQUESTING,)
    refusals = {
        "POST": (
            *REFUSALS_OF_PLANNING,
            services.PlanHasChanged,
            services.MoneyTakenBack,
            InvalidTransition,
        )
    }

    @extend_schema(
        request=RequestRefundIn, responses={201: RequestedRefundsOut}, parameters=[KEY_PARAMETER]
    )
    def post(self, request: OwnRequest, number: str) -> HttpResponse:
        """Give money back as planned, or ask for it where it is above one's limits.

        One plan becomes one refund for each payment that the money comes from. Within one's limits
        the provider is asked at once; above them the refunds are `requested`, and somebody else
        has to agree. Sent again with the same key, a request that died on the way goes on where it
        stopped.
        """
        given = RequestRefundIn(data=request.data)
        given.is_valid(raise_exception=True)
        return in_two_steps(
            request, begin=lambda: _request(given, number, request.user.pk), finish=_execute
        )


def _request(given: RequestRefundIn, number: str, user_id: int) -> str:
    """Promise the money, and return the number of the first refund that came of it."""
    try:
        refunds = services.request_refund(
            number=number,
            wish=given.wish(),
            plan_hash=given.validated_data["plan_hash"],
            user_id=user_id,
            at=clock.now(),
        )
    except services.PlanHasChanged as changed:
        changed.members["plan"] = RefundPlanOut(changed.plan).data
        raise
    return refunds[0].number


def _execute(number: str) -> Response:
    services.execute_plan(number=number, at=clock.now())
    first = Refund.objects.get(number=number)
    refunds = all_of_it().of_the_plan(first).order_by("id")
    shown = RequestedRefundsOut({"refunds": refunds})
    return Response(shown.data, status=HTTPStatus.CREATED)
