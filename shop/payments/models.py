"""Money in: what was paid for an order, through which channel, and how much of it arrived."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from mdv.kernel.money import ZERO, MoneyField
from shop.orders.models import Order
from shop.payments.states import Channel, PaymentState, Provider
from shop.payments.triggers import (
    CAPTURED_IS_A_FACT,
    CapturedEqualsThePayments,
    PaymentIsOnItsOrder,
)


class OrderMoney(Order):
    """The order as this app sees it: carries the trigger that reads payments."""

    class Meta:
        proxy = True
        triggers = [CapturedEqualsThePayments()]


class Payment(models.Model):
    """One payment.

    ``captured`` is what really arrived, ``refund_committed`` what is promised back of it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    reference = models.CharField(max_length=100)
    provider_id = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=16, choices=Channel.choices, blank=True)
    state = models.CharField(
        max_length=9, choices=PaymentState.choices, default=PaymentState.INITIATED
    )
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    captured = MoneyField(default=ZERO)
    refund_committed = MoneyField(default=ZERO)
    refunded = MoneyField(default=ZERO)
    created_at = models.DateTimeField(auto_now_add=True)
    captured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("provider", "reference", name="payment_reference_is_used_once"),
            models.UniqueConstraint(
                Upper("reference"),
                condition=Q(provider=Provider.MANUAL),
                name="manual_payment_reference_is_used_once",
            ),
            models.CheckConstraint(name="payment_amount_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payment_state_is_known", condition=Q(state__in=PaymentState.values)
            ),
            models.CheckConstraint(
                name="payment_refunds_never_exceed_what_was_captured",
                condition=Q(refunded__gte=0)
                & Q(refunded__lte=F("refund_committed"))
                & Q(refund_committed__lte=F("captured")),
            ),
            models.CheckConstraint(
                name="payment_has_money_exactly_when_captured",
                condition=Q(state=PaymentState.CAPTURED, captured__gt=0)
                | (~Q(state=PaymentState.CAPTURED) & Q(captured=0)),
            ),
        ]
        triggers = [PaymentIsOnItsOrder(), CAPTURED_IS_A_FACT]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"
