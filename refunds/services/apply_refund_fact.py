"""What a provider tells of refunds and chargebacks by itself: ours, or what came from outside."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO
from refunds.models import Refund
from refunds.services.lock_refund import LockedRefund, lock_payments
from refunds.services.refund_funds import promise_funds
from refunds.services.request_refund import new_refund_number
from refunds.services.settle_refund import settle_refund, succeed
from refunds.states import (
    COMMITTED,
    FROM_OUTSIDE,
    RefundMethod,
    RefundReason,
    RefundSource,
    RefundState,
)
from shop.orders.models import Order
from shop.orders.services import lock_order
from shop.payments.gateways.base import RefundFact, RefundOutcome
from shop.payments.models import GatewayEvent, Payment
from shop.payments.states import EventOutcome, Subject

OUR_KEY = re.compile(r"rf-(?P<id>[1-9]\d{0,17})-(?P<attempt>[1-9]\d{0,4})")


@dataclass(frozen=True, kw_only=True)
class AppliedFact:
    """What became of a fact: for the event that told it. `why` is for staff."""

    outcome: EventOutcome
    refund: Refund | None = None
    why: str = ""


def take_refund_event(event: GatewayEvent, at: datetime) -> tuple[EventOutcome, str]:
    """Book what a provider's event tells of a refund: :func:`apply_refund_fact` for the inbox.

    The event's order and payment are locked; it is of our account and in the payment's currency.
    """
    if event.payment is None or event.amount is None:
        return EventOutcome.MISMATCH, "It names no amount."
    fact = RefundFact(
        key=event.refund_reference,
        provider_id=event.refund_number,
        reference=event.reference,
        payment_provider_id=event.provider_id,
        outcome=RefundOutcome(event.result),
        amount=event.amount,
        currency=event.currency,
        is_live=bool(event.is_live),
        merchant=event.merchant,
        is_chargeback=event.subject == Subject.CHARGEBACK,
        failure=event.failure,
    )
    applied = apply_refund_fact(payment=event.payment, fact=fact, at=at)
    return applied.outcome, applied.why


@transaction.atomic
def apply_refund_fact(*, payment: Payment, fact: RefundFact, at: datetime) -> AppliedFact:
    """Book what a provider told of a payment's refund, once, whether we asked for it or not.

    What somebody gave back at the provider, and what a bank took back, are refunds that have
    succeeded, as far as the payment's money goes. What is beyond it is an exception that stays open
    until somebody settles it.
    """
    refund = _find_ours(payment, fact)
    if refund is not None:
        return _settle(payment, refund, fact, at)
    if fact.outcome != RefundOutcome.SUCCEEDED:
        why = "Nobody here asked for it, and no money has gone."
        return AppliedFact(outcome=EventOutcome.IGNORED, why=why)
    return _book_from_outside(payment, fact, at)


def _find_ours(payment: Payment, fact: RefundFact) -> Refund | None:
    """Find the refund by our key, else by the provider's number; of the present attempt alone."""
    # One by hand its provider never heard of, whatever key somebody has typed there.
    refunds = Refund.objects.filter(payment=payment, method=RefundMethod.GATEWAY)
    ours = OUR_KEY.fullmatch(fact.key)
    if ours:
        found = refunds.filter(pk=int(ours["id"]), attempt=int(ours["attempt"])).first()
        if found is not None:
            return found
    return refunds.filter(provider_id=fact.provider_id).first() if fact.provider_id else None


def _settle(payment: Payment, refund: Refund, fact: RefundFact, at: datetime) -> AppliedFact:
    was = refund.state
    if refund.source in FROM_OUTSIDE and fact.outcome != RefundOutcome.FAILED:
        return AppliedFact(outcome=EventOutcome.IGNORED, refund=refund)
    try:
        with transaction.atomic():
            refund = settle_refund(number=refund.number, fact=fact, at=at)
    except Conflict as problem:
        if fact.outcome == RefundOutcome.SUCCEEDED and _is_other_money(refund, fact):
            return _book_from_outside(payment, fact, at)
        is_a_surprise = fact.outcome == RefundOutcome.SUCCEEDED or was == RefundState.SUCCEEDED
        outcome = EventOutcome.MISMATCH if is_a_surprise else EventOutcome.IGNORED
        return AppliedFact(outcome=outcome, refund=refund, why=problem.message)
    outcome = EventOutcome.IGNORED if refund.state == was else EventOutcome.APPLIED
    return AppliedFact(outcome=outcome, refund=refund)


def _is_other_money(refund: Refund, fact: RefundFact) -> bool:
    """Tell whether what has gone is not what is promised.

    We gave the refund up, or its money was refunded otherwise; or it has gone already, and the
    provider gave once more under our key and names another refund of its own. While it is on its
    way nobody can say which of the two is ours: that is for staff.
    """
    has_gone = refund.state == RefundState.SUCCEEDED
    return refund.state not in COMMITTED or (has_gone and refund.provider_id != fact.provider_id)


def _book_from_outside(payment: Payment, fact: RefundFact, at: datetime) -> AppliedFact:
    order = lock_order(payment.order.number)
    payment = next(one for one in lock_payments(order) if one.pk == payment.pk)
    if fact.currency != payment.currency or fact.amount <= ZERO or not fact.provider_id:
        why = f"{fact.currency} {fact.amount} cannot be of a payment in {payment.currency}."
        return AppliedFact(outcome=EventOutcome.MISMATCH, why=why)
    booked = Refund.objects.filter(
        payment=payment, provider_id=fact.provider_id, state__in=COMMITTED
    ).first()
    if booked is not None:
        return _settle(payment, booked, fact, at)
    amount = min(fact.amount, payment.captured - payment.refund_committed)
    refund = None
    if amount:
        refund = book_external(
            order=order,
            payment=payment,
            amount=amount,
            provider_id=fact.provider_id,
            is_chargeback=fact.is_chargeback,
            at=at,
        )
    if amount < fact.amount:
        missing = fact.amount - amount
        why = f"{fact.amount} went back, and {missing} of it is beyond what this payment has."
        return AppliedFact(outcome=EventOutcome.EXCESS, refund=refund, why=why)
    return AppliedFact(outcome=EventOutcome.APPLIED, refund=refund)


def book_external(
    *,
    order: Order,
    payment: Payment,
    amount: Decimal,
    provider_id: str,
    is_chargeback: bool,
    at: datetime,
) -> Refund:
    """Book money that left without us, of a locked order and payment that has so much.

    Nobody said what for, so all of it is goodwill.
    """
    # Who asked for the lock first may get it last: an order that is confirmed by now was so before.
    at = max(at, order.confirmed_at or at)
    # The number goes with the money: ours under it failed, and was refunded otherwise since.
    ours = Refund.objects.filter(payment=payment, provider_id=provider_id)
    ours.update(provider_id="", version=F("version") + 1)
    refund = Refund.objects.create(
        number=new_refund_number(),
        order=order,
        payment=payment,
        currency=payment.currency,
        amount=amount,
        goodwill=amount,
        reason=RefundReason.FROM_OUTSIDE,
        state=RefundState.PROCESSING,
        method=RefundMethod.GATEWAY,
        source=RefundSource.CHARGEBACK if is_chargeback else RefundSource.EXTERNAL,
        requested_at=at,
        approval_required=False,
        asked_at=at,
        provider_id=provider_id,
    )
    promise_funds(order, payment, refund, [])
    return succeed(
        LockedRefund(order=order, payments=[payment], payment=payment, refund=refund), at
    )
