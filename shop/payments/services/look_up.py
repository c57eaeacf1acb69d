"""Asking the provider what became of a payment: on the customer's return, and now and then."""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from mdv.kernel.errors import DomainError, NotFound
from shop.payments.gateways import GatewayNotOffered, gateway_of
from shop.payments.models import Payment
from shop.payments.services.take_events import take_look_up
from shop.payments.states import PAYMENT, PaymentState, Provider

FIRST_LOOK_AFTER = timedelta(minutes=2)
# After the first look, the second …; after the last the payment counts as abandoned. Money that
# comes still later is booked all the same: the provider's webhook tells of it.
LOOK_AGAIN_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
LOOKS_AT_A_TIME = 50

log = structlog.get_logger("mdv.payments")


def verify_payment(*, reference: str, at: datetime) -> Payment:
    """Ask the provider what became of a payment, book it, and return the payment as it is now.

    Not in a transaction. One that failed or was abandoned is asked about too: its page may still
    be open, and who comes back from it may have paid at the second try. One whose provider the
    shop has no keys of any more is returned as it is.

    Raises:
        NotFound: there is no online payment with this reference.
        GatewayUnavailable: 503.
    """
    payment = Payment.objects.online().filter(reference=reference).first()
    if payment is None:
        raise NotFound
    if payment.state != PaymentState.CAPTURED:
        with suppress(GatewayNotOffered):
            _look(payment, at)
    return Payment.objects.select_related("order").get(pk=payment.pk)


def look_up_payments(*, at: datetime) -> int:
    """Ask about payments that are due for a look; return how many were asked about.

    One whose provider does not answer keeps nobody else waiting: it comes again later.
    """
    due = Payment.objects.online().filter(state=PaymentState.INITIATED, next_look_at__lte=at)
    payments = list(due.order_by("next_look_at", "id")[:LOOKS_AT_A_TIME])
    for payment in payments:
        _note_look(payment, at)
        try:
            _look(payment, at)
        except DomainError as problem:
            log.warning("payment_not_looked_up", payment_id=payment.pk, code=problem.code)
    return len(payments)


def _look(payment: Payment, at: datetime) -> None:
    gateway = gateway_of(Provider(payment.provider))
    charge = gateway.look_up(reference=payment.reference, provider_id=payment.provider_id)
    if charge is not None:
        take_look_up(gateway=gateway, charge=charge, at=at)


@transaction.atomic
def _note_look(payment: Payment, at: datetime) -> None:
    """Say when to look next; after the last look the payment is abandoned."""
    now = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if now.state != PaymentState.INITIATED:
        return
    if now.looks < len(LOOK_AGAIN_AFTER):
        now.next_look_at = at + LOOK_AGAIN_AFTER[now.looks]
        now.looks += 1
    else:
        PAYMENT.check(PaymentState(now.state), PaymentState.ABANDONED)
        now.state = PaymentState.ABANDONED
        now.next_look_at = None
    now.save(update_fields=["state", "next_look_at", "looks"])
