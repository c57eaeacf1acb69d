"""Money that goes back: how much of which payment, for what, who wanted it and who agreed."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Upper

from mdv.accounts.models import User
from mdv.kernel.money import ZERO, MoneyField
from mdv.kernel.triggers import AppendOnly
from refunds.models.returns import Return
from refunds.states import (
    FROM_OUTSIDE,
    IN_LIMBO,
    REFUND,
    TOLD,
    WITHOUT_APPROVAL,
    RefundMethod,
    RefundReason,
    RefundSource,
    RefundState,
    RefundWorklist,
    Restock,
)
from refunds.triggers.excess import BooksNoMoreThanWent
from refunds.triggers.facts import (
    HOW_IT_WENT_OUT_IS_A_FACT,
    WHAT_WAS_ASKED_FOR_IS_FIXED,
    SucceedsWithACreditNote,
)
from refunds.triggers.refunds import (
    IsOfOneOrder,
    JoinsBeforeItIsDone,
    LineShowsItsRefunds,
    NoMoreIsRefundedThanCameBack,
    OrderShowsWhatWasTakenBack,
    PaymentShowsItsRefunds,
    RefundIsOnItsLines,
    RefundIsOnItsOrder,
    RefundIsOnItsPayment,
    RefundIsTheSumOfItsParts,
    RefundLineIsInItsRefund,
    RefundLineIsOnItsLine,
    ReturnCoversItsRefunds,
    ShippingIsGivenBackOnce,
)
from shop.orders.models import Order, OrderLine
from shop.payments.models import GatewayEvent, GatewayEventQuerySet, Payment
from shop.payments.states import MONEY_BACK

MAX_REASON_LENGTH = 12
MAX_REFUND_NOTE_LENGTH = 500
MAX_REFERENCE_LENGTH = 100
MAX_PROVIDER_ID_LENGTH = 110
MAX_FAILURE_LENGTH = 300
LIMBO = sorted(state.value for state in IN_LIMBO)
NOT_AGREED = sorted(state.value for state in WITHOUT_APPROVAL)
OUTSIDE = sorted(source.value for source in FROM_OUTSIDE)


class RefundedOrder(Order):
    """The order as this app sees it: carries the trigger that reads refunds."""

    class Meta:
        proxy = True
        triggers = [OrderShowsWhatWasTakenBack()]


class RefundedPayment(Payment):
    """The payment as this app sees it: carries the trigger that reads refunds."""

    class Meta:
        proxy = True
        triggers = [PaymentShowsItsRefunds()]


class RefundedLine(OrderLine):
    """The order line as this app sees it: carries the trigger that reads refunds."""

    class Meta:
        proxy = True
        triggers = [LineShowsItsRefunds()]


def taken_back() -> GatewayEventQuerySet:
    """Select what is known to have gone back of payments of ours, and waits to be settled."""
    # The providers' outcome has the same name as ours.
    return GatewayEvent.objects.open_exceptions().filter(
        payment__isnull=False, subject__in=MONEY_BACK, result=RefundState.SUCCEEDED
    )


class RefundQuerySet(models.QuerySet["Refund"]):
    def in_limbo(self) -> "RefundQuerySet":
        """Select what a provider was asked for and has not answered for good."""
        return self.filter(state__in=LIMBO, method=RefundMethod.GATEWAY)

    def not_asked(self) -> "RefundQuerySet":
        """Select what is agreed to and for its provider to do."""
        return self.filter(state=RefundState.APPROVED, method=RefundMethod.GATEWAY)

    def may_go(self) -> "RefundQuerySet":
        """Leave out those of payments whose money has gone another way: that is settled first."""
        return self.exclude(payment__in=taken_back().values("payment"))

    def with_exception(self) -> "RefundQuerySet":
        """Bring along as ``blocked_by`` the id of the exception that is settled first, or None."""
        first = taken_back().filter(payment=OuterRef("payment")).order_by("id").values("pk")[:1]
        return self.annotate(blocked_by=Subquery(first))

    def with_gone_meanwhile(self) -> "RefundQuerySet":
        """Bring along as ``gone_meanwhile`` what left the payment from outside since it was asked.

        None where nothing did.
        """
        since = Refund.objects.filter(
            payment=OuterRef("payment"),
            source__in=OUTSIDE,
            state=RefundState.SUCCEEDED,
            settled_at__gte=OuterRef("requested_at"),
        )
        sums = since.order_by().values("payment").annotate(sum=Sum("amount")).values("sum")
        return self.annotate(gone_meanwhile=Subquery(sums))

    def due_for_a_look(self, at: datetime) -> "RefundQuerySet":
        """Select what is in limbo and to be asked about by now."""
        return self.in_limbo().filter(next_look_at__lte=at)

    def on_worklist(self, worklist: RefundWorklist) -> "RefundQuerySet":
        """Select what waits for a decision, for a transfer, for the provider, or for a new try.

        Nobody transfers what the customer's bank has taken already.
        """
        match worklist:
            case RefundWorklist.TO_APPROVE:
                return self.filter(state=RefundState.REQUESTED)
            case RefundWorklist.TO_TRANSFER:
                by_hand = self.filter(state=RefundState.APPROVED, method=RefundMethod.MANUAL)
                return by_hand.may_go()
            case RefundWorklist.IN_LIMBO:
                return self.in_limbo()
            case RefundWorklist.FAILED:
                return self.filter(state=RefundState.FAILED)

    def told(self) -> "RefundQuerySet":
        """Select what customers are told of."""
        return self.filter(state__in=list(TOLD))

    def search(self, term: str) -> "RefundQuerySet":
        """Select by how the refund's or its order's number begins, or what others call it."""
        number = term.strip().upper()
        orders = Order.objects.filter(
            Q(number__startswith=number) | Q(number__startswith=f"M-{number}")
        )
        return self.filter(
            Q(number__startswith=number)
            | Q(number__startswith=f"RF-{number}")
            | Q(provider_id=term.strip())
            | Q(bank_reference__iexact=term.strip())
            | Q(order_id__in=orders.values("pk"))
        )

    def of_the_plan(self, refund: "Refund") -> "RefundQuerySet":
        """Select what was asked for in one go with a refund, over several payments."""
        return self.filter(order_id=refund.order_id, plan_hash=refund.plan_hash)

    def with_lines(self) -> "RefundQuerySet":
        """Bring each refund's order, payment, credit note and ``lines_by_position`` along."""
        inside = RefundLine.objects.select_related("order_line").order_by(
            "order_line__position", "id"
        )
        return self.select_related("order", "payment", "credit_note").prefetch_related(
            Prefetch("lines", inside, to_attr="lines_by_position")
        )


class Refund(models.Model):
    """Money of one payment that goes back.

    ``amount`` is ``shipping``, ``goodwill`` and its lines. ``plan_hash`` is the plan's that it was
    asked for by: what one plan takes of several payments are several refunds. ``attempt`` counts
    how often the provider was to do it anew; with the id it is the provider's key. ``asked_at`` is
    when the provider was last asked, ``next_look_at`` when to ask what became of it. Who agreed,
    on the day of ``approved_at``, is whose daily limit it counts against. ``tax`` is contained.
    """

    number = models.CharField(max_length=16, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    of_return = models.ForeignKey(
        Return, models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    shipping = MoneyField(default=ZERO)
    goodwill = MoneyField(default=ZERO)
    reason = models.CharField(max_length=MAX_REASON_LENGTH, choices=RefundReason.choices)
    note = models.CharField(max_length=MAX_REFUND_NOTE_LENGTH, blank=True)
    state = models.CharField(max_length=10, choices=RefundState.choices)
    method = models.CharField(max_length=7, choices=RefundMethod.choices)
    source = models.CharField(max_length=10, choices=RefundSource.choices)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField()
    approval_required = models.BooleanField()
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=MAX_REFUND_NOTE_LENGTH, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=MAX_PROVIDER_ID_LENGTH, blank=True)
    bank_reference = models.CharField(max_length=MAX_REFERENCE_LENGTH, blank=True)
    failure = models.CharField(max_length=MAX_FAILURE_LENGTH, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[RefundQuerySet] = RefundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_amount_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_parts_are_not_negative", condition=Q(shipping__gte=0, goodwill__gte=0)
            ),
            models.CheckConstraint(
                name="refund_state_is_known", condition=Q(state__in=RefundState.values)
            ),
            models.CheckConstraint(
                name="refund_method_is_known", condition=Q(method__in=RefundMethod.values)
            ),
            models.CheckConstraint(
                name="refund_source_is_known", condition=Q(source__in=RefundSource.values)
            ),
            models.CheckConstraint(
                name="refund_reason_is_known", condition=Q(reason__in=RefundReason.values)
            ),
            models.CheckConstraint(
                name="refund_that_needs_approval_is_approved_by_somebody_else",
                condition=Q(approval_required=False)
                | Q(state__in=NOT_AGREED)
                | (
                    Q(approved_by__isnull=False, requested_by__isnull=False)
                    & ~Q(approved_by=F("requested_by"))
                ),
            ),
            models.CheckConstraint(
                name="refund_is_paid_only_once_somebody_agreed",
                condition=Q(state__in=NOT_AGREED)
                | Q(source__in=OUTSIDE)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_is_asked_for_by_somebody",
                condition=Q(source__in=OUTSIDE) | Q(requested_by__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_by_hand_succeeds_with_the_banks_reference",
                condition=~Q(state=RefundState.SUCCEEDED, method=RefundMethod.MANUAL)
                | ~Q(bank_reference=""),
            ),
            models.CheckConstraint(
                name="refund_by_its_provider_succeeds_with_the_providers_number",
                condition=~Q(state=RefundState.SUCCEEDED, method=RefundMethod.GATEWAY)
                | ~Q(provider_id=""),
            ),
            models.CheckConstraint(
                name="refund_by_hand_is_never_in_limbo",
                condition=~Q(state__in=LIMBO) | Q(method=RefundMethod.GATEWAY),
            ),
            models.CheckConstraint(
                name="refund_in_limbo_was_asked_for",
                condition=~Q(state__in=LIMBO) | Q(asked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_has_succeeded_at_a_moment",
                condition=Q(state=RefundState.SUCCEEDED, settled_at__isnull=False)
                | (~Q(state=RefundState.SUCCEEDED) & Q(settled_at__isnull=True)),
            ),
            models.UniqueConstraint(
                "payment",
                "provider_id",
                condition=~Q(provider_id=""),
                name="providers_refund_is_booked_once",
            ),
            models.UniqueConstraint(
                "payment",
                Upper("bank_reference"),
                condition=~Q(bank_reference=""),
                name="bank_transfer_is_booked_once_per_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "requested_at", "id"], name="refund_worklist"),
            models.Index(fields=["-requested_at", "-id"], name="refund_newest"),
            models.Index(
                fields=["next_look_at"],
                name="refund_to_look_at",
                condition=Q(state__in=LIMBO, next_look_at__isnull=False),
            ),
        ]
        triggers = [
            IsOfOneOrder(),
            WHAT_WAS_ASKED_FOR_IS_FIXED,
            HOW_IT_WENT_OUT_IS_A_FACT,
            RefundIsTheSumOfItsParts(),
            RefundIsOnItsPayment(),
            RefundIsOnItsOrder(),
            RefundIsOnItsLines(),
            ReturnCoversItsRefunds(),
            ShippingIsGivenBackOnce(),
            BooksNoMoreThanWent(),
            SucceedsWithACreditNote(),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def key(self) -> str:
        """The key under which the provider does this attempt once."""
        return f"rf-{self.pk}-{self.attempt}"

    @property
    def next_states(self) -> list[RefundState]:
        """What may follow, in alphabetical order."""
        return REFUND.next_states(RefundState(self.state))


class RefundLine(models.Model):
    """What of a refund is for units of one order line.

    ``amount`` is gross, ``tax`` what it contains, ``withheld`` what the units cost beyond it and
    is kept. ``restock`` is what entitles to it. Where the money for the units comes from several
    payments, the last part of it carries the ``quantity`` and the others carry 0.
    """

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    amount = MoneyField()
    tax = MoneyField(default=ZERO)
    withheld = MoneyField(default=ZERO)
    restock = models.CharField(max_length=6, choices=Restock.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "refund", "order_line", "restock", name="one_refund_line_per_line_and_restock"
            ),
            models.CheckConstraint(
                name="refund_line_amounts_are_not_negative",
                condition=Q(amount__gte=0, tax__gte=0, withheld__gte=0, tax__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="refund_line_is_for_something", condition=Q(quantity__gt=0) | Q(amount__gt=0)
            ),
            models.CheckConstraint(
                name="refund_line_restock_is_known", condition=Q(restock__in=Restock.values)
            ),
        ]
        triggers = [
            JoinsBeforeItIsDone(),
            AppendOnly(),
            RefundLineIsInItsRefund(),
            RefundLineIsOnItsLine(),
            NoMoreIsRefundedThanCameBack(),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"
