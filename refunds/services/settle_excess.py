"""Settling what went back and is not in the books: book what has room, write it off, or leave it.

Booking is anybody's who settles exceptions. Saying that no more is to be booked takes a higher
right, whether the money is given up or somebody knows that it never went.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO
from refunds.models import Refund, WriteOff
from refunds.services.apply_refund_fact import book_external
from refunds.services.lock_refund import lock_payments
from refunds.states import RefundState
from shop.orders.models import Order
from shop.orders.services import lock_order
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import NotForThisException
from shop.payments.services.settle_exception import (
    check_note,
    find_exception,
    lock_exception,
    settle,
)
from shop.payments.states import Subject

WRITE_OFF = "refunds.write_off"


class NoRoom(Conflict):
    code = "no_room_for_excess"
    detail = (
        "The payment has no money that is not promised back. Cancel a refund that has not gone, or "
        "write the rest off."
    )


def missing_of(event: GatewayEvent) -> Decimal:
    """Return what went back by an event and is not booked."""
    same = Q(provider_id=event.refund_number) | Q(provider_id__startswith=f"{event.refund_number}/")
    booked = Refund.objects.filter(same, payment=event.payment, state=RefundState.SUCCEEDED)
    gone: Decimal = booked.aggregate(gone=Coalesce(Sum("amount"), ZERO))["gone"]
    return (event.amount or ZERO) - gone


@transaction.atomic
def book_rest_of_excess(*, event_id: int, user_id: int, at: datetime) -> Refund:
    """Book what of the missing money its payment has by now; settle the event if that is all.

    Raises:
        NotFound: there is no such exception.
        NotForThisException: 409, it is not about money that went back beyond its payment's.
        NoRoom: 409, the payment has no money that is not promised back.
        AlreadySettled: 409.
    """
    order, payment, event = _lock(event_id)
    missing = missing_of(event)
    amount = min(missing, payment.captured - payment.refund_committed)
    if not amount:
        raise NoRoom
    refund = book_external(
        order=order,
        payment=payment,
        amount=amount,
        provider_id=_number_of_next_part(event),
        is_chargeback=event.subject == Subject.CHARGEBACK,
        at=at,
    )
    if amount == missing:
        settle(event, f"Booked: {refund.number}.", user_id, at)
    return refund


@transaction.atomic
def write_off_excess(*, event_id: int, reason: str, user_id: int, at: datetime) -> WriteOff:
    """Give up what went back and is not booked, and settle its event.

    Raises:
        NotFound: there is no such exception.
        Forbidden: 403.
        Invalid: the reason does not say anything, or too much.
        NotForThisException: 409, it is not about money that went back beyond its payment's.
        AlreadySettled: 409.
    """
    person_who_may(user_id, WRITE_OFF)
    check_note(reason)
    order, payment, event = _lock(event_id)
    written = WriteOff.objects.create(
        order=order,
        payment=payment,
        event=event,
        amount=missing_of(event),
        currency=payment.currency,
        reason=reason,
        written_by_id=user_id,
        written_at=at,
    )
    settle(event, f"{written} written off: {reason}", user_id, at)
    return written


@transaction.atomic
def leave_refund_event(*, event_id: int, note: str, user_id: int, at: datetime) -> GatewayEvent:
    """Note why nothing is to be done about money that went back: the dispute was won, say.

    Its payment may be refunded again from then on, and what came before its payment is not booked
    with it, so it takes the right to write money off.

    Raises:
        NotFound: there is no such exception.
        Forbidden: 403.
        Invalid: the note does not say anything, or too much.
        NotForThisException: 409, it is not about money that went back.
        AlreadySettled: 409.
    """
    person_who_may(user_id, WRITE_OFF)
    check_note(note)
    event = lock_exception(event_id)
    if not event.is_about_a_refund:
        raise NotForThisException
    return settle(event, f"Left as it is: {note}", user_id, at)


def _lock(event_id: int) -> tuple[Order, Payment, GatewayEvent]:
    found = find_exception(event_id)
    if found.payment is None or not found.is_excess_of_a_refund:
        raise NotForThisException
    order = lock_order(found.payment.order.number)
    payment = next(one for one in lock_payments(order) if one.pk == found.payment_id)
    return order, payment, lock_exception(event_id)


def _number_of_next_part(event: GatewayEvent) -> str:
    """Return the provider's number, told apart from those parts of it that are booked."""
    parts = Refund.objects.filter(
        payment=event.payment, provider_id__startswith=f"{event.refund_number}/"
    )
    return f"{event.refund_number}/{parts.count() + 2}"
