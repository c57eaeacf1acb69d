"""Registering, logging in and logging out."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts import services
from mdv.accounts.authentication import OwnRequest
from mdv.accounts.serializers import DetailOut, LogInIn, LogInOut, RegisterIn

REGISTERED = "If this address is yours, you have mail. You can log in."


class RegisterView(APIView):
    refusals = {"POST": [services.BadPassword]}
    has_location = False
    authentication_classes = ()
    permission_classes = (AllowAny,)
    limit_scopes = {"POST": "register"}

    @extend_schema(request=RegisterIn, responses={201: DetailOut})
    def post(self, request: Request) -> Response:
        """Create an account.

        The answer is the same whether or not the address is registered already; its owner gets a
        mail that says which. Log in next.
        """
        given = RegisterIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.register(**given.validated_data)
        return Response({"detail": REGISTERED}, status=HTTPStatus.CREATED)


class LogInView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    refusals = {"POST": [services.InvalidCredentials]}

    @extend_schema(request=LogInIn, responses={200: LogInOut})
    def post(self, request: Request) -> Response:
        """Get a token for this device.

        Send it as `Authorization: Bearer <token>`. A wrong password and an unknown address are
        answered alike.
        """
        given = LogInIn(data=request.data)
        given.is_valid(raise_exception=True)
        opened = services.log_in(**given.validated_data)
        return Response(LogInOut(opened).data)


class LogOutView(APIView):
    is_open_before_password_change = True

    @extend_schema(request=None, responses={204: None})
    def post(self, request: OwnRequest) -> Response:
        """End the token that the request carries."""
        services.log_out(token=request.auth)
        return Response(status=HTTPStatus.NO_CONTENT)


class LogOutEverywhereView(APIView):
    is_open_before_password_change = True

    @extend_schema(request=None, responses={204: None})
    def post(self, request: OwnRequest) -> Response:
        """End all tokens and sessions of the account, this one included."""
        services.log_out_everywhere(user=request.user)
        return Response(status=HTTPStatus.NO_CONTENT)
