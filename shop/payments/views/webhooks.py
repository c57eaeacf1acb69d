"""Where providers tell us what became of payments."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.kernel import clock
from shop.payments import services
from shop.payments.gateways import gateway_of
from shop.payments.states import Provider


@extend_schema(exclude=True)
class WebhookView(APIView):
    """Takes one provider's notices. Neither limited nor logged in: the signature says who it is."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    parser_classes = ()
    provider: Provider

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Answer in JSON whatever a provider says it takes: nobody reads it, and money counts."""
        return super().perform_content_negotiation(request, force=True)

    def post(self, request: Request) -> Response:
        """Store a notice and apply it. 200 says that it is stored."""
        body = request.body
        if len(body) > settings.WEBHOOK_MAX_BYTES:
            raise RequestDataTooBig
        services.take_notice(
            gateway=gateway_of(self.provider), body=body, headers=request.headers, at=clock.now()
        )
        return Response({"received": True}, status=HTTPStatus.OK)


class PaystackWebhookView(WebhookView):
    provider = Provider.PAYSTACK


class StripeWebhookView(WebhookView):
    provider = Provider.STRIPE
