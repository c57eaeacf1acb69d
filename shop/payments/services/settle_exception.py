"""The exceptions queue: what staff can do with money that did not come as it should."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from mdv.kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from mdv.kernel.money import ZERO
from shop.orders.models import Order
from shop.orders.services import NotReopened, add_captured, lock_order, reopen_order
from shop.orders.states import OrderStatus
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services.apply_event import settle_short
from shop.payments.services.fit import why_not_ours
from shop.payments.services.record_payment import MoreThanDue, OrderIsCancelled, ReferenceUsed
from shop.payments.states import EventOutcome, PaymentState, Subject

MAX_RESOLUTION_LENGTH = 300
MAX_NOTE_LENGTH = 250


class AlreadySettled(Conflict):
    code = "exception_already_settled"
    detail = "Somebody has settled this already."


class NotForThisException(Conflict):
    code = "not_for_this_exception"
    detail = "This is not a way to settle it."


class OtherCurrency(Conflict):
    code = "other_currency"
    detail = "The order is in another currency than the money."


class NotOurMoney(Conflict):
    code = "not_our_money"
    detail = "This money did not come to the shop's account."


@transaction.atomic
def apply_to_order(
    *, event_id: int, number: str, user_id: int, at: datetime, accept_excess: bool = False
) -> Order:
    """Book money that came for no payment of ours on the order it was meant for.

    Whoever books more than is due says with `accept_excess` that it is no mistake.

    Raises:
        NotFound: there is no such order, no such exception, or no keys of its provider any more.
        NotForThisException: 409, it is not money for an unknown reference.
        NotOurMoney: 409, it is a test, or went to another account.
        OrderIsCancelled, OtherCurrency, ReferenceUsed, MoreThanDue, AlreadySettled: 409.
    """
    order = lock_order(number)
    event = lock_exception(event_id)
    if not may_be_booked(event) or event.amount is None:
        raise NotForThisException
    problem = why_not_ours(event)
    if problem:
        raise NotOurMoney(problem)
    if order.status == OrderStatus.CANCELLED:
        raise OrderIsCancelled
    if event.currency != order.currency:
        raise OtherCurrency
    # Under the provider's own number, so that it can be booked once only.
    if Payment.objects.filter(provider=event.provider, reference=event.provider_id).exists():
        raise ReferenceUsed
    if event.amount > order.due and not accept_excess:
        raise MoreThanDue(order)
    Payment.objects.create(
        order=order,
        provider=event.provider,
        reference=event.provider_id,
        provider_id=event.provider_id,
        channel=event.channel,
        state=PaymentState.CAPTURED,
        currency=event.currency,
        amount=event.amount,
        captured=event.amount,
        captured_at=at,
    )
    order = add_captured(order, amount=event.amount, at=at)
    settle_short(order, at)
    settle(event, f"Booked on {order.number}.", user_id, at)
    return order


@transaction.atomic
def reopen_for_money(*, event_id: int, user_id: int, at: datetime) -> Order:
    """Take an order up again whose money came after it had expired.

    Raises:
        NotForThisException: 409, it is not money for an expired order.
        NotReopened: 409, too much of it has gone back, or is promised back.
        OutOfStock, CouponExhausted, InvalidTransition, AlreadySettled: 409.
    """
    event = find_exception(event_id)
    if event.outcome != EventOutcome.LATE or event.payment is None or event.is_about_a_refund:
        raise NotForThisException
    order = lock_order(event.payment.order.number)
    if _lacks_money(order):
        raise NotReopened
    order = reopen_order(number=order.number, at=at)
    settle(lock_exception(event_id), f"{order.number} was taken up again.", user_id, at)
    return order


@transaction.atomic
def keep_for_refund(*, event_id: int, note: str, user_id: int, at: datetime) -> GatewayEvent:
    """Note that the money is to go back. It stays booked where it is until it does.

    Raises:
        Invalid: the note does not say anything, or too much.
        NotForThisException: 409, it is money that went back already.
        AlreadySettled: 409.
    """
    check_note(note)
    event = lock_exception(event_id)
    if event.is_about_a_refund:
        raise NotForThisException
    return settle(event, f"To be refunded: {note}", user_id, at)


@transaction.atomic
def leave_as_it_is(*, event_id: int, note: str, user_id: int, at: datetime) -> GatewayEvent:
    """Note that nothing needs to be done about it, and why.

    Raises:
        Invalid: the note does not say anything, or too much.
        NotForThisException: 409, it is money that went back: that is for whoever takes refunds.
        AlreadySettled: 409.
    """
    check_note(note)
    event = lock_exception(event_id)
    if event.is_about_a_refund:
        raise NotForThisException
    return settle(event, f"Left as it is: {note}", user_id, at)


def may_be_booked(event: GatewayEvent) -> bool:
    """Tell whether the event is money that came, and for no payment of ours."""
    return event.outcome == EventOutcome.ORPHAN and event.subject == Subject.CHARGE


def may_be_reopened(event: GatewayEvent) -> bool:
    """Tell whether the event's order could be taken up again, stock permitting."""
    order = event.payment.order if event.payment else None
    return (
        event.outcome == EventOutcome.LATE
        and not event.is_about_a_refund
        and order is not None
        and order.status == OrderStatus.CANCELLED
        and not _lacks_money(order)
    )


def _lacks_money(order: Order) -> bool:
    """Tell whether less than the order's total is here and stays."""
    stays = Sum(F("captured") - F("refund_committed"))
    found = Payment.objects.filter(order=order).aggregate(stays=Coalesce(stays, ZERO))
    return bool(found["stays"] < order.total)


def check_note(note: str) -> None:
    """Refuse a note that says nothing, or too much.

    Raises:
        Invalid: so it does.
    """
    if not note.strip() or len(note) > MAX_NOTE_LENGTH:
        message = f"Say why, in at most {MAX_NOTE_LENGTH} characters."
        raise Invalid(problems=[FieldProblem("note", "required", message)])


def find_exception(event_id: int) -> GatewayEvent:
    """Return an exception as it is.

    Raises:
        NotFound: there is none.
    """
    events = GatewayEvent.objects.exceptions().select_related("payment__order")
    event = events.defer("body").filter(pk=event_id).first()
    if event is None:
        raise NotFound
    return event


def lock_exception(event_id: int) -> GatewayEvent:
    """Lock an exception that is still open, after its order.

    Raises:
        NotFound: there is none.
        AlreadySettled: 409.
    """
    events = GatewayEvent.objects.exceptions().select_for_update().defer("body")
    event = events.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if event.resolved_at is not None:
        raise AlreadySettled
    return event


def settle(event: GatewayEvent, resolution: str, user_id: int, at: datetime) -> GatewayEvent:
    """Note on a locked exception how it was settled, and by whom."""
    event.resolution = resolution[:MAX_RESOLUTION_LENGTH]
    event.resolved_at = at
    event.resolved_by_id = user_id
    event.save(update_fields=["resolution", "resolved_at", "resolved_by"])
    return event
