"""What staff do with refunds that are asked for: agree or not, try again, look up, book by hand."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.authentication import OwnRequest
from mdv.accounts.services import NotYourPassword, check_own_password
from mdv.http.permissions import may
from mdv.idempotency.doors import KEY_PARAMETER, idempotent, in_two_steps
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from refunds import services
from refunds.serializers.refunds import (
    ApproveRefundIn,
    RejectRefundIn,
    RetryRefundIn,
    StaffRefundOut,
    TransferredIn,
)
from refunds.states import RefundMethod
from refunds.views.asking import given
from refunds.views.refunds import shown
from shop.payments.gateways import GatewayNotOffered
from shop.payments.gateways.base import GatewayUnavailable

REQUESTING = may("refunds.request_refund")
APPROVING = may("refunds.approve_refund")
MONEY = {"POST": "refund"}


class ApproveRefundView(APIView):
    limit_scopes = MONEY
    permission_classes = (APPROVING,)
    refusals = {
        "POST": [
            NotYourPassword,
            services.NoRefundPolicy,
            services.SelfApproval,
            services.RefundHasChanged,
            services.AboveLimit,
            services.MoneyTakenBack,
            services.RequesterMayNot,
            InvalidTransition,
        ]
    }

    @extend_schema(request=ApproveRefundIn, responses=StaffRefundOut, parameters=[KEY_PARAMETER])
    def post(self, request: OwnRequest, number: str) -> HttpResponse:
        """Agree to a refund that somebody else asked for, and have its provider asked.

        It takes one's own password once more; a wrong one counts like one at the log-in. The
        refund has to be within one's own limits.
        """
        sent = given(request, ApproveRefundIn)
        # Outside the door, so that the record of a wrong password stays.
        check_own_password(user=request.user, password=sent["password"])
        return in_two_steps(
            request,
            begin=lambda: (
                services.approve_refund(
                    number=number,
                    version=sent["version"],
                    answer=sent["answer"],
                    user_id=request.user.pk,
                    at=clock.now(),
                ).number
            ),
            finish=_execute,
            secrets={"password"},
        )


class RejectRefundView(APIView):
    permission_classes = (APPROVING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=RejectRefundIn, responses=StaffRefundOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Say no to a refund, and why. Its money may be refunded otherwise."""
        sent = given(request, RejectRefundIn)
        services.reject_refund(
            number=number, answer=sent["answer"], user_id=request.user.pk, at=clock.now()
        )
        return Response(shown(number))


class CancelRefundView(APIView):
    permission_classes = (REQUESTING,)
    refusals = {"POST": [InvalidTransition]}

    @extend_schema(request=None, responses=StaffRefundOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Give a refund up for which no provider was asked yet. Its money is free again."""
        services.cancel_refund(number=number, user_id=request.user.pk, at=clock.now())
        return Response(shown(number))


class RetryRefundView(APIView):
    limit_scopes = MONEY
    permission_classes = (REQUESTING,)
    refusals = {
        "POST": [
            services.NoRefundPolicy,
            services.SelfApproval,
            services.GoodwillNotAllowed,
            services.RefundHasChanged,
            services.ExceedsRefundable,
            services.AboveLimit,
            services.MoneyTakenBack,
            InvalidTransition,
        ]
    }

    @extend_schema(request=RetryRefundIn, responses=StaffRefundOut, parameters=[KEY_PARAMETER])
    def post(self, request: OwnRequest, number: str) -> HttpResponse:
        """Try a failed refund again, at its provider or by hand.

        One whose outcome is unknown is not tried again: look it up.
        """
        sent = given(request, RetryRefundIn)
        return in_two_steps(
            request,
            begin=lambda: (
                services.retry_refund(
                    number=number,
                    version=sent["version"],
                    by_hand=sent["method"] == RefundMethod.MANUAL,
                    user_id=request.user.pk,
                    at=clock.now(),
                ).number
            ),
            finish=_execute,
        )


class LookUpRefundView(APIView):
    permission_classes = (REQUESTING,)
    refusals = {
        "POST": [
            GatewayNotOffered,
            GatewayUnavailable,
            services.FactDoesNotFit,
            services.ExceedsRefundable,
        ]
    }

    @extend_schema(request=None, responses=StaffRefundOut)
    def post(self, request: OwnRequest, number: str) -> Response:
        """Ask the provider what became of a refund, and book what it says.

        Nothing is given back twice by it. A refund that is not in limbo is shown as it is.
        """
        services.look_up_refund(number=number, at=clock.now())
        return Response(shown(number))


class TransferredView(APIView):
    limit_scopes = MONEY
    permission_classes = (REQUESTING,)
    refusals = {"POST": [services.NotByHand, services.BankReferenceUsed, InvalidTransition]}

    @extend_schema(request=TransferredIn, responses=StaffRefundOut, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: OwnRequest, number: str) -> Response:
        """Book that the money of a refund by hand was moved at the bank. The customer is told."""
        sent = given(request, TransferredIn)
        services.record_manual_refund(
            number=number,
            bank_reference=sent["bank_reference"],
            user_id=request.user.pk,
            at=clock.now(),
        )
        return Response(shown(number))


def _execute(number: str) -> Response:
    services.execute_plan(number=number, at=clock.now())
    return Response(shown(number))
