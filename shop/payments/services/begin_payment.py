"""Paying online: a payment is written down first, then the provider opens its page for it."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from shop.orders.models import Order
from shop.orders.services import lock_order
from shop.orders.states import OrderStatus
from shop.payments.gateways import gateway_of, offered
from shop.payments.gateways.base import Gateway, GatewayRefused, ReferenceTaken, Started, Wanted
from shop.payments.models import Payment
from shop.payments.services.look_up import FIRST_LOOK_AFTER
from shop.payments.states import PAYMENT, PaymentState, Provider

REFERENCE_PREFIX = "P-"
# As of an order's number, and long enough that nobody guesses one: 100 bits.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 20
# Who comes back within this time is led to the same page, so that they do not pay twice.
SAME_PAGE_FOR = timedelta(minutes=30)


class ProviderNotOffered(Invalid):
    code = "provider_not_offered"
    detail = "This order cannot be paid there."


class NothingToPay(Conflict):
    code = "nothing_to_pay"
    detail = "There is nothing to pay for this order."


class PaymentHasEnded(Conflict):
    code = "payment_has_ended"
    detail = "This payment did not come about. Start another one with a new Idempotency-Key."


@transaction.atomic
def begin_payment(*, number: str, provider: Provider, at: datetime) -> Payment:
    """Write down that somebody is about to pay what is due of an order.

    A page that is still open for the same amount is given again.

    Raises:
        NotFound: there is no such order.
        ProviderNotOffered: 400, the shop cannot take this order's currency there.
        NothingToPay: 409, it is paid, free or cancelled.
    """
    order = lock_order(number)
    _check_offered(provider, order.currency)
    if order.status == OrderStatus.CANCELLED or not order.due:
        raise NothingToPay
    return _open_page(order, provider, at) or Payment.objects.create(
        order=order,
        provider=provider,
        reference=_new_reference(),
        currency=order.currency,
        amount=order.due,
        next_look_at=at + FIRST_LOOK_AFTER,
    )


def send_payment(*, reference: str, at: datetime) -> Payment:
    """Have the provider open its page for a payment that has begun. Not in a transaction.

    Asked again it is the same page: the reference is the key under which the provider does it once.

    Raises:
        GatewayUnavailable: 503, the same may be tried again.
        GatewayRefused: 409, the provider will not; the payment has failed.
        PaymentHasEnded: 409.
    """
    payment = Payment.objects.online().select_related("order").get(reference=reference)
    if payment.redirect_url:
        return payment
    if payment.state != PaymentState.INITIATED:
        raise PaymentHasEnded
    gateway = gateway_of(Provider(payment.provider))
    try:
        started = gateway.start(_wanted(payment))
    except ReferenceTaken:
        # An answer was lost, and with it the page: nobody can pay there.
        return _send_another(payment, gateway, at)
    except GatewayRefused:
        _end(payment, PaymentState.FAILED)
        raise
    return _note_page(payment, started)


def _check_offered(provider: Provider, currency: str) -> None:
    providers = [gateway.provider.value for gateway in offered(currency)]
    if provider not in providers:
        problem = FieldProblem("provider", ProviderNotOffered.code, ProviderNotOffered.detail)
        raise ProviderNotOffered(problems=[problem], members={"offered": providers})


def _open_page(order: Order, provider: Provider, at: datetime) -> Payment | None:
    return (
        order.payments.filter(
            provider=provider,
            state=PaymentState.INITIATED,
            amount=order.due,
            created_at__gt=at - SAME_PAGE_FOR,
        )
        .exclude(redirect_url="")
        .order_by("-id")
        .first()
    )


def _wanted(payment: Payment) -> Wanted:
    page = reverse("payment-return", args=[payment.reference])
    return Wanted(
        reference=payment.reference,
        amount=payment.amount,
        currency=payment.currency,
        email=payment.order.email,
        order_number=payment.order.number,
        return_url=f"{settings.STORE_URL}{page}",
        begun_at=payment.created_at,
        expires_at=payment.order.expires_at,
    )


def _send_another(lost: Payment, gateway: Gateway, at: datetime) -> Payment:
    with transaction.atomic():
        _end(lost, PaymentState.ABANDONED)
        payment = begin_payment(number=lost.order.number, provider=gateway.provider, at=at)
    return _note_page(payment, gateway.start(_wanted(payment)))


@transaction.atomic
def _end(payment: Payment, state: PaymentState) -> None:
    """Note that nobody can pay there, unless somebody has: a notice may have come meanwhile."""
    now = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if now.state == PaymentState.CAPTURED:
        return
    PAYMENT.check(PaymentState(now.state), state)
    now.state = state
    now.next_look_at = None
    now.save(update_fields=["state", "next_look_at"])


@transaction.atomic
def _note_page(payment: Payment, started: Started) -> Payment:
    now = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    now.redirect_url = started.redirect_url
    if now.state == PaymentState.INITIATED:
        now.provider_id = started.provider_id
    now.save(update_fields=["redirect_url", "provider_id"])
    return now


def _new_reference() -> str:
    drawn = (secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
    return REFERENCE_PREFIX + "".join(drawn)
