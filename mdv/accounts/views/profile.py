"""One's own account: who one is, and where one is logged in."""

from http import HTTPStatus
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts import services
from mdv.accounts.authentication import OwnRequest
from mdv.accounts.models import ApiToken
from mdv.accounts.serializers import ProfileIn, TokenOut, TokensOut, UserOut
from mdv.kernel import clock


class MeView(APIView):
    is_open_before_password_change = True

    @extend_schema(responses={200: UserOut})
    def get(self, request: OwnRequest) -> Response:
        """Show one's own account."""
        return Response(UserOut(request.user).data)

    @extend_schema(request=ProfileIn, responses={200: UserOut})
    def patch(self, request: OwnRequest) -> Response:
        """Change one's own name or telephone number."""
        given = ProfileIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = services.update_profile(user=request.user, changes=given.validated_data)
        return Response(UserOut(user).data)


class TokensView(APIView):
    @extend_schema(responses={200: TokensOut})
    def get(self, request: OwnRequest) -> Response:
        """List where one is logged in: at most 50 devices, the newest first."""
        live = ApiToken.objects.live(clock.now()).filter(user=request.user)
        tokens = live.order_by("-created", "public_id")
        shown = TokenOut(tokens, many=True, context={"current": request.auth})
        return Response({"results": shown.data})


class TokenView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: OwnRequest, public_id: UUID) -> Response:
        """Log one device out."""
        services.end_token(user=request.user, public_id=public_id)
        return Response(status=HTTPStatus.NO_CONTENT)
