"""Money that goes back, by people of the staff and by a provider that does what a test says."""

import itertools
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from refunds.models import CreditNote, Refund, RefundAllowance, RefundLine
from refunds.services import RefundWish, WantedLine
from refunds.services.execute_refund import LEFT_BEHIND_AFTER, wanted_of
from refunds.states import RefundReason, Restock
from shop.orders.models import Order, OrderLine
from shop.orders.services import add_captured, lock_order
from shop.payments.gateways.base import (
    GatewayRefused,
    GatewayUnavailable,
    NotAsked,
    RefundFact,
    RefundOutcome,
)
from shop.payments.models import Payment
from shop.payments.states import PaymentState, Provider
from shop.stock.models import StockItem
from tests.accounts.people import make_staff

NONE, CANCEL, RETURN = Restock
SUCCEEDED, FAILED, PENDING = RefundOutcome

_references = itertools.count(1)


def person(role=Role.ADMIN, email=None):
    """The id of somebody who holds the role."""
    email = email or f"{role}@example.com"
    found = User.objects.filter(email=email).first()
    return (found or make_staff(role, email)).pk


def pay_online(number, amount, *, provider=Provider.PAYSTACK):
    """Have money arrive for an order through a provider; return the payment."""
    with transaction.atomic():
        order = lock_order(number)
        payment = Payment.objects.create(
            order=order,
            provider=provider,
            reference=f"P-{next(_references)}-{number}",
            provider_id=f"pay_{next(_references)}",
            channel="card",
            state=PaymentState.CAPTURED,
            currency=order.currency,
            amount=Decimal(amount),
            captured=Decimal(amount),
            captured_at=clock.now(),
        )
        add_captured(order, amount=Decimal(amount), at=clock.now())
    return payment


def wish(*lines, reason=RefundReason.OTHER, **changes):
    """What is wanted of lines of (sku, quantity, restock) or (sku, quantity, restock, withheld)."""
    wanted = [
        WantedLine(
            sku=sku, quantity=quantity, restock=restock, withheld=Decimal(kept[0] if kept else 0)
        )
        for sku, quantity, restock, *kept in lines
    ]
    amounts = {
        name: Decimal(changes.pop(name)) for name in ("shipping", "goodwill") if name in changes
    }
    return RefundWish(lines=wanted, reason=reason, **amounts, **changes)


def plan(number, wanted, *, by):
    return services.plan_refund(number=number, wish=wanted, user_id=by, at=clock.now())


def request(number, wanted, *, by, plan_hash=None):
    """Ask for a refund as somebody who has just seen its plan."""
    plan_hash = plan_hash or plan(number, wanted, by=by).plan_hash
    return services.request_refund(
        number=number, wish=wanted, plan_hash=plan_hash, user_id=by, at=clock.now()
    )


def execute(refund, *, at=None):
    return services.execute_refund(number=refund.number, at=at or clock.now())


def later():
    return clock.now() + 2 * LEFT_BEHIND_AFTER


def now(refund):
    return Refund.objects.get(pk=refund.pk)


def money(payment):
    """Captured, promised back, gone back."""
    row = Payment.objects.get(pk=payment.pk)
    return (row.captured, row.refund_committed, row.refunded)


def refunded_lines(number):
    """SKU, units and money promised back of each line."""
    lines = OrderLine.objects.filter(order__number=number).order_by("position")
    return [(line.sku, line.refunded) for line in lines]


def used_today(user_id):
    return sum((row.used for row in RefundAllowance.objects.filter(user_id=user_id)), Decimal(0))


def everything():
    """All that a refusal must leave as it is."""
    models = (Refund, RefundLine, CreditNote, Payment, Order, OrderLine, StockItem)
    allowances = list(RefundAllowance.objects.filter(used__gt=0).order_by("id").values())
    return [allowances, *(list(model.objects.order_by("id").values()) for model in models)]


@dataclass
class FakeGateway:
    """A provider that keeps what it is asked for, and answers as it is told to.

    ``answers`` are taken one by one: an outcome, or ``lost`` (done, and no answer), ``unreachable``
    (not done, no answer), ``not_asked`` or ``refused``. After the last it succeeds.
    """

    provider: Provider = Provider.PAYSTACK
    answers: list = field(default_factory=list)
    held: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    looked: list = field(default_factory=list)
    is_down: bool = False

    def refund(self, wanted):
        self.asked.append(wanted.key)
        answer = self.answers.pop(0) if self.answers else SUCCEEDED
        if answer == "refused":
            raise GatewayRefused("Insufficient balance")
        if answer == "not_asked":
            raise NotAsked
        if answer == "unreachable":
            raise GatewayUnavailable
        if wanted.key not in self.held:
            self.held[wanted.key] = fact_of(wanted, SUCCEEDED if answer == "lost" else answer)
        if answer == "lost":
            raise GatewayUnavailable
        return self.held[wanted.key]

    def look_up_refund(self, wanted, *, provider_id):
        self.looked.append(wanted.key)
        if self.is_down:
            raise GatewayUnavailable
        return self.held.get(wanted.key)


def fact_of(wanted, outcome, **changes):
    """What a provider says of a refund that was wanted."""
    facts = {
        "key": wanted.key,
        "provider_id": f"re_{wanted.key}",
        "reference": wanted.reference,
        "payment_provider_id": wanted.payment_provider_id,
        "outcome": outcome,
        "amount": wanted.amount,
        "currency": wanted.currency,
        "is_live": False,
        "failure": "Account closed" if outcome == FAILED else "",
    }
    return RefundFact(**{**facts, **changes})


def told_of(refund, outcome=SUCCEEDED, **changes):
    """What the provider tells by itself of a refund that we asked for."""
    return fact_of(wanted_of(refund), outcome, **changes)


def outside(payment, amount, *, provider_id="re_outside", **changes):
    """What a provider tells of money that left without us."""
    facts = {
        "key": "",
        "provider_id": provider_id,
        "reference": payment.reference,
        "payment_provider_id": payment.provider_id,
        "outcome": SUCCEEDED,
        "amount": Decimal(amount),
        "currency": payment.currency,
        "is_live": False,
    }
    return RefundFact(**{**facts, **changes})


def apply(fact, payment):
    payment = Payment.objects.select_related("order").get(pk=payment.pk)
    return services.apply_refund_fact(payment=payment, fact=fact, at=clock.now())
