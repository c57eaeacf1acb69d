"""What customers do to pay online: start a payment, and ask what became of it."""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.http.address import bucket
from mdv.idempotency.doors import KEY_PARAMETER, in_two_steps
from mdv.kernel import clock, context
from mdv.kernel.errors import NotFound
from mdv.kernel.money import write_money
from mdv.limits import services as limits
from shop.orders.mail_links import link_to_pay
from shop.orders.views import TOKEN_PARAMETER, opened_order
from shop.payments import services
from shop.payments.gateways.base import GatewayRefused, GatewayUnavailable
from shop.payments.models import Payment
from shop.payments.serializers import OnlinePaymentOut, StartedPaymentOut, StartPaymentIn
from shop.payments.states import Provider


class StartPaymentView(APIView):
    permission_classes = (AllowAny,)
    refusals = {
        "POST": (
            services.NothingToPay,
            services.PaymentHasEnded,
            services.ProviderNotOffered,
            GatewayRefused,
            GatewayUnavailable,
        )
    }

    @extend_schema(
        request=StartPaymentIn,
        responses={201: StartedPaymentOut},
        parameters=[KEY_PARAMETER, TOKEN_PARAMETER],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Start paying what is due of an order at a provider: send the customer to the address.

        Sent again with the same key, a request that failed on the way goes on where it stopped.
        """
        opened_order(request, number)
        given = StartPaymentIn(data=request.data)
        given.is_valid(raise_exception=True)
        provider = Provider(given.validated_data["provider"])
        now = clock.now()
        return in_two_steps(
            request,
            begin=lambda: (
                services.begin_payment(number=number, provider=provider, at=now).reference
            ),
            finish=lambda reference: Response(
                StartedPaymentOut(services.send_payment(reference=reference, at=now)).data,
                status=HTTPStatus.CREATED,
            ),
        )


class VerifyPaymentView(APIView):
    permission_classes = (AllowAny,)
    refusals = {"POST": (GatewayUnavailable,)}

    @extend_schema(request=None, responses=OnlinePaymentOut)
    def post(self, request: Request, reference: str) -> Response:
        """Ask the provider what became of a payment; for when the customer comes back."""
        payment = services.verify_payment(reference=reference, at=clock.now())
        return Response(OnlinePaymentOut(payment).data)


@require_safe
def payment_return(request: HttpRequest, reference: str) -> HttpResponse:
    """Show who comes back from the provider's page what became of the payment."""
    limits.enforce("api_write", f"address:{bucket(context.current().address)}")
    payment = _as_it_is_now(reference)
    if payment is None:
        raise Http404
    shown = {
        "store": settings.STORE_NAME,
        "payment": payment,
        "order": payment.order,
        "pay_link": link_to_pay(payment.order),
        "captured": write_money(payment.captured, payment.currency),
        "due": write_money(payment.order.due, payment.order.currency),
    }
    return render(request, "mdv/payment_return.html", shown)


def _as_it_is_now(reference: str) -> Payment | None:
    try:
        return services.verify_payment(reference=reference, at=clock.now())
    except NotFound:
        return None
    except GatewayUnavailable:
        return Payment.objects.online().select_related("order").get(reference=reference)
