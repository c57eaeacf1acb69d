"""Money in: what was paid for an order, through which channel, and how much of it arrived."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from mdv.accounts.models import User
from mdv.kernel.money import ZERO, MoneyField
from shop.orders.models import Order
from shop.payments.states import (
    EXCEPTIONS,
    MONEY_BACK,
    Channel,
    EventOutcome,
    PaymentState,
    Provider,
    Source,
    Subject,
)
from shop.payments.triggers import (
    AN_EXCEPTION_IS_SETTLED_ONCE,
    CAPTURED_IS_A_FACT,
    WHAT_BECAME_OF_IT_IS_SAID_ONCE,
    WHAT_WAS_TOLD_IS_A_FACT,
    CapturedEqualsThePayments,
    PaymentIsOnItsOrder,
)


class OrderMoney(Order):
    """The order as this app sees it: carries the trigger that reads payments."""

    class Meta:
        proxy = True
        triggers = [CapturedEqualsThePayments()]


class PaymentQuerySet(models.QuerySet["Payment"]):
    def online(self) -> "PaymentQuerySet":
        """Select what is paid at a provider; the others are booked by hand."""
        return self.exclude(provider=Provider.MANUAL)


class Payment(models.Model):
    """One payment.

    ``captured`` is what really arrived, ``refund_committed`` what is promised back of it.
    ``provider_id`` is the provider's name of it. One that is paid online is at ``redirect_url``,
    and the provider is asked again what became of it at ``next_look_at``.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    reference = models.CharField(max_length=100)
    provider_id = models.CharField(max_length=100, blank=True)
    redirect_url = models.URLField(max_length=2_000, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0, editable=False)
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

    objects: ClassVar[PaymentQuerySet] = PaymentQuerySet.as_manager()  # type: ignore[assignment]

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
        indexes = [
            models.Index(
                fields=["next_look_at"],
                name="payment_to_look_at",
                condition=Q(state=PaymentState.INITIATED, next_look_at__isnull=False),
            ),
            models.Index(fields=["provider_id"], name="payment_by_provider_id"),
        ]
        triggers = [PaymentIsOnItsOrder(), CAPTURED_IS_A_FACT]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"


MAX_KIND_LENGTH = 64
MAX_ERROR_LENGTH = 300


class GatewayEventQuerySet(models.QuerySet["GatewayEvent"]):
    def unapplied(self) -> "GatewayEventQuerySet":
        """Select what was stored and is still to be applied."""
        return self.filter(outcome=EventOutcome.RECEIVED)

    def exceptions(self) -> "GatewayEventQuerySet":
        """Select what did not go as it should, settled or not."""
        return self.filter(outcome__in=EXCEPTIONS)

    def open_exceptions(self) -> "GatewayEventQuerySet":
        """Select what somebody still has to look at."""
        return self.exceptions().filter(resolved_at=None)

    def orphaned_refunds(self) -> "GatewayEventQuerySet":
        """Select money that went back, and whose payment may still come."""
        return self.open_exceptions().filter(outcome=EventOutcome.ORPHAN, subject__in=MONEY_BACK)

    def of_payment(self, payment: Payment) -> "GatewayEventQuerySet":
        """Select what names a payment, by our reference or by the provider's number."""
        names = Q(reference=payment.reference)
        if payment.provider_id:
            names |= Q(provider_id=payment.provider_id)
        return self.filter(names, provider=payment.provider)

    def search(self, term: str) -> "GatewayEventQuerySet":
        """Select by our reference, the provider's number or the order's, each as a whole."""
        orders = Payment.objects.filter(order__number=term.upper())
        return self.filter(
            Q(reference=term)
            | Q(provider_id=term)
            | Q(refund_number=term)
            | Q(payment__in=orders.values("pk"))
        )


class GatewayEvent(models.Model):
    """One thing that a provider told us, stored before it is believed.

    ``fact`` names what is told, so that it counts once. ``subject`` is what it is about, empty
    for what says nothing of money. ``reference`` and ``provider_id`` are the payment's, also where
    money went back: ``refund_number`` is the provider's number of the refund or dispute,
    ``refund_reference`` our key of it. ``result`` is what became of it in the provider's eyes, and
    ``failure`` why; ``outcome`` is what we made of it, and ``error`` why, for staff.
    """

    provider = models.CharField(max_length=16, choices=Provider.choices)
    fact = models.CharField(max_length=200)
    kind = models.CharField(max_length=MAX_KIND_LENGTH)
    source = models.CharField(max_length=8, choices=Source.choices)
    subject = models.CharField(
        max_length=10, choices=Subject.choices, default=Subject.CHARGE, blank=True
    )
    reference = models.CharField(max_length=100, blank=True)
    provider_id = models.CharField(max_length=100, blank=True)
    refund_reference = models.CharField(max_length=100, blank=True)
    refund_number = models.CharField(max_length=110, blank=True)
    result = models.CharField(max_length=16, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    amount = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    channel = models.CharField(max_length=16, choices=Channel.choices, blank=True)
    is_live = models.BooleanField(null=True)
    merchant = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    received_at = models.DateTimeField()
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="events"
    )
    outcome = models.CharField(
        max_length=8, choices=EventOutcome.choices, default=EventOutcome.RECEIVED
    )
    error = models.CharField(max_length=MAX_ERROR_LENGTH, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=300, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[GatewayEventQuerySet] = GatewayEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "payment exception"
        constraints = [
            models.UniqueConstraint("provider", "fact", name="a_providers_fact_is_stored_once"),
            models.CheckConstraint(
                name="event_outcome_is_known", condition=Q(outcome__in=EventOutcome.values)
            ),
            models.CheckConstraint(
                name="event_subject_is_known", condition=Q(subject__in=["", *Subject.values])
            ),
            models.CheckConstraint(
                name="only_money_that_goes_back_is_a_refund",
                condition=Q(subject__in=MONEY_BACK) | Q(refund_reference="", refund_number=""),
            ),
            models.CheckConstraint(
                name="event_is_processed_once_it_has_an_outcome",
                condition=Q(outcome=EventOutcome.RECEIVED, processed_at__isnull=True)
                | (~Q(outcome=EventOutcome.RECEIVED) & Q(processed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="only_exceptions_are_resolved",
                condition=Q(resolved_at__isnull=True) | Q(outcome__in=EXCEPTIONS),
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="event_unapplied",
                condition=Q(outcome=EventOutcome.RECEIVED),
            ),
            models.Index(
                fields=["-id"],
                name="event_exceptions",
                condition=Q(outcome__in=EXCEPTIONS),
            ),
            models.Index(fields=["reference"], name="event_by_reference"),
        ]
        triggers = [
            WHAT_WAS_TOLD_IS_A_FACT,
            WHAT_BECAME_OF_IT_IS_SAID_ONCE,
            AN_EXCEPTION_IS_SETTLED_ONCE,
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.reference}".strip()

    @property
    def is_about_a_refund(self) -> bool:
        """Whether money went back, or is to."""
        return self.subject in MONEY_BACK

    @property
    def is_excess_of_a_refund(self) -> bool:
        """Whether more went back by it than its payment had."""
        return self.is_about_a_refund and self.outcome == EventOutcome.EXCESS

    @property
    def waits_for_its_payment(self) -> bool:
        """Whether money went back that had not come, and nobody has settled it."""
        return (
            self.is_about_a_refund
            and self.outcome == EventOutcome.ORPHAN
            and self.resolved_at is None
        )

    @property
    def may_be_applied(self) -> bool:
        """Whether it is still to be judged, or may be judged once more."""
        return self.outcome == EventOutcome.RECEIVED or self.waits_for_its_payment

    @property
    def names_no_refund(self) -> bool:
        """Whether it says that there is news of a payment's refunds, and not of which."""
        return self.is_about_a_refund and not self.refund_number

    @property
    def is_open_exception(self) -> bool:
        return self.outcome in EXCEPTIONS and self.resolved_at is None
