"""Changing a password, and getting back in without it."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts import services
from mdv.accounts.authentication import OwnRequest
from mdv.accounts.serializers import (
    ChangePasswordIn,
    DetailOut,
    RequestResetIn,
    ResetPasswordIn,
)


class PasswordView(APIView):
    refusals = {"POST": [services.WrongPassword, services.BadPassword]}
    is_open_before_password_change = True

    @extend_schema(request=ChangePasswordIn, responses={204: None})
    def post(self, request: OwnRequest) -> Response:
        """Change one's own password. All other devices and sessions are logged out."""
        given = ChangePasswordIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.change_password(user=request.user, keep=request.auth, **given.validated_data)
        return Response(status=HTTPStatus.NO_CONTENT)


class RequestResetView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    limit_scopes = {"POST": "password_reset"}

    @extend_schema(request=RequestResetIn, responses={202: DetailOut})
    def post(self, request: Request) -> Response:
        """Ask for a link that sets a new password.

        Answered alike for known and unknown addresses.
        """
        given = RequestResetIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.request_password_reset(**given.validated_data)
        return Response({"detail": services.LINK_REQUESTED}, status=HTTPStatus.ACCEPTED)


class ResetPasswordView(APIView):
    refusals = {"POST": [services.InvalidResetLink, services.BadPassword]}
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=ResetPasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password with what the mailed link carries. Ends every log-in."""
        given = ResetPasswordIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.reset_password(**given.validated_data)
        return Response(status=HTTPStatus.NO_CONTENT)
