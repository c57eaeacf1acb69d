"""What a provider tells of refunds and chargebacks by itself: ours, or what came from outside."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO
from refunds.models import Refund
from refunds.services.lock_refund import LockedRefund, lock_payments
from refunds.services.refund_funds import promise_funds
from refunds.services.request_refund import new_refund_number
from refunds.services.settle_refund import settle_refund, succeed
from refunds.states import FROM_OUTSIDE, RefundMethod, RefundReason, RefundSource, RefundState
from shop.orders.services import lock_order
from shop.payments.gateways.base import RefundFact, RefundOutcome
from shop.payments.models import Payment
from shop.payments.states import EventOutcome, Provider

OUR_KEY = re.compile(r"rf-(?P<id>[1-9]\d{0,17})-(?P<attempt>[1-9]\d{0,4})")


@dataclass(frozen=True, kw_only=True)
class AppliedFact:
    """What became of a fact: for the event that told it. `why` is for staff."""

    outcome: EventOutcome
    payment: Payment | None = None
    refund: Refund | None = None
    why: str = ""


@transaction.atomic
def apply_refund_fact(*, provider: Provider, fact: RefundFact, at: datetime) -> AppliedFact:
    """Book what a provider told of a refund, once, whether we asked for it or not.

    What somebody gave back at the provider, and what a bank took back, are refunds that have
    succeeded, as far as the payment's money goes. What is beyond it is an exception that stays open
    until somebody settles it. The caller looked that mode and account are the shop's.
    """
    refund = _find_ours(provider, fact)
    if refund is not None:
        return _settle(refund, fact, at)
    payment = _find_payment(provider, fact)
    if payment is None:
        has_gone = fact.outcome == RefundOutcome.SUCCEEDED
        outcome = EventOutcome.ORPHAN if has_gone else EventOutcome.IGNORED
        return AppliedFact(outcome=outcome, why="We have no payment that this is about.")
    if fact.outcome != RefundOutcome.SUCCEEDED:
        why = "Nobody here asked for it, and no money has gone."
        return AppliedFact(outcome=EventOutcome.IGNORED, payment=payment, why=why)
    return _book_from_outside(payment, fact, at)


def _find_ours(provider: Provider, fact: RefundFact) -> Refund | None:
    """Find the refund by our key, else by the provider's number; of the present attempt alone."""
    refunds = Refund.objects.filter(payment__provider=provider).select_related("payment")
    ours = OUR_KEY.fullmatch(fact.key)
    if ours:
        found = refunds.filter(pk=int(ours["id"]), attempt=int(ours["attempt"])).first()
        if found is not None:
            return found
    return refunds.filter(provider_id=fact.provider_id).first() if fact.provider_id else None


def _settle(refund: Refund, fact: RefundFact, at: datetime) -> AppliedFact:
    was = refund.state
    if refund.source in FROM_OUTSIDE and fact.outcome != RefundOutcome.FAILED:
        return AppliedFact(outcome=EventOutcome.IGNORED, payment=refund.payment, refund=refund)
    try:
        with transaction.atomic():
            refund = settle_refund(number=refund.number, fact=fact, at=at)
    except Conflict as problem:
        is_a_surprise = fact.outcome == RefundOutcome.SUCCEEDED or was == RefundState.SUCCEEDED
        outcome = EventOutcome.MISMATCH if is_a_surprise else EventOutcome.IGNORED
        return AppliedFact(
            outcome=outcome, payment=refund.payment, refund=refund, why=problem.message
        )
    outcome = EventOutcome.IGNORED if refund.state == was else EventOutcome.APPLIED
    return AppliedFact(outcome=outcome, payment=refund.payment, refund=refund)


def _find_payment(provider: Provider, fact: RefundFact) -> Payment | None:
    payments = Payment.objects.filter(provider=provider)
    if fact.reference:
        return payments.filter(reference=fact.reference).first()
    if fact.payment_provider_id:
        return payments.filter(provider_id=fact.payment_provider_id).first()
    return None


def _book_from_outside(payment: Payment, fact: RefundFact, at: datetime) -> AppliedFact:
    order = lock_order(payment.order.number)
    payments = lock_payments(order)
    payment = next(one for one in payments if one.pk == payment.pk)
    booked = Refund.objects.filter(payment=payment, provider_id=fact.provider_id).first()
    if booked is not None:
        return AppliedFact(outcome=EventOutcome.IGNORED, payment=payment, refund=booked)
    if fact.currency != payment.currency or fact.amount <= ZERO or not fact.provider_id:
        why = f"{fact.currency} {fact.amount} cannot be of a payment in {payment.currency}."
        return AppliedFact(outcome=EventOutcome.MISMATCH, payment=payment, why=why)
    amount = min(fact.amount, payment.captured - payment.refund_committed)
    refund = _write_external(payment, fact, amount, at) if amount else None
    if refund is not None:
        refund.order, refund.payment = order, payment
        promise_funds(order, payment, refund, [])
        succeed(LockedRefund(order=order, payments=payments, payment=payment, refund=refund), at)
    if amount < fact.amount:
        missing = fact.amount - amount
        why = f"{fact.amount} went back, and {missing} of it is beyond what this payment has."
        return AppliedFact(outcome=EventOutcome.EXCESS, payment=payment, refund=refund, why=why)
    return AppliedFact(outcome=EventOutcome.APPLIED, payment=payment, refund=refund)


def _write_external(payment: Payment, fact: RefundFact, amount: Decimal, at: datetime) -> Refund:
    """Write money that left without us: for nothing in particular, so it is goodwill."""
    source = RefundSource.CHARGEBACK if fact.is_chargeback else RefundSource.EXTERNAL
    return Refund.objects.create(
        number=new_refund_number(),
        order_id=payment.order_id,
        payment=payment,
        currency=payment.currency,
        amount=amount,
        goodwill=amount,
        reason=RefundReason.FROM_OUTSIDE,
        state=RefundState.PROCESSING,
        method=RefundMethod.GATEWAY,
        source=source,
        requested_at=at,
        approval_required=False,
        asked_at=at,
        provider_id=fact.provider_id,
    )
