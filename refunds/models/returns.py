"""Goods that customers send back: what was asked for, agreed to, and what really came."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Prefetch, Q

from mdv.accounts.models import User
from mdv.kernel.triggers import AppendOnly, TruncateGuard
from refunds.states import (
    LIVE,
    ON_WORKLIST,
    RETURN,
    Condition,
    ReturnReason,
    ReturnSource,
    ReturnState,
    Worklist,
)
from refunds.triggers.returns import (
    WHAT_BECAME_OF_IT,
    WHAT_WAS_ASKED_FOR,
    WHOSE_RETURN_IT_IS,
    ArrivesWhileReceiving,
    HoldsItsOwnOrdersLines,
    LineShowsItsReceipts,
    LineShowsWhatCameBack,
    ParcelThatCameBackIsOnItsLines,
    ReceiptIsOnItsLine,
    ReturnIsOnItsOrderLines,
    ReturnLineIsOnItsOrderLine,
)
from shop.fulfilment.models import Shipment
from shop.orders.models import Order, OrderLine

HAS_NOT_ENDED = sorted(state.value for state in LIVE)
MAX_NOTE_LENGTH = 500


class ReturnedLine(OrderLine):
    """The order line as this app sees it: carries the trigger that reads parcels and returns."""

    class Meta:
        proxy = True
        triggers = [LineShowsWhatCameBack()]


class ReturnedShipment(Shipment):
    """The parcel as this app sees it: one that came back must be on its order lines."""

    class Meta:
        proxy = True
        triggers = [ParcelThatCameBackIsOnItsLines()]


class ReturnQuerySet(models.QuerySet["Return"]):
    def on_worklist(self, worklist: Worklist) -> "ReturnQuerySet":
        """Select what waits for a decision, or what is to be received."""
        return self.filter(state__in=ON_WORKLIST[worklist])

    def overdue(self, at: object) -> "ReturnQuerySet":
        """Select what was approved and did not come in time."""
        return self.filter(state=ReturnState.APPROVED, expires_at__lte=at)

    def with_lines(self) -> "ReturnQuerySet":
        """Bring each return's order and ``lines_by_position`` with their receipts along."""
        receipts = Prefetch(
            "receipts", ReturnReceipt.objects.order_by("id"), to_attr="receipts_by_age"
        )
        inside = ReturnLine.objects.select_related("order_line").prefetch_related(receipts)
        inside = inside.order_by("order_line__position", "id")
        return self.select_related("order").prefetch_related(
            Prefetch("lines", inside, to_attr="lines_by_position")
        )

    def search(self, term: str) -> "ReturnQuerySet":
        """Select by the beginning of the return's or its order's number."""
        number = term.strip().upper()
        orders = Order.objects.filter(
            Q(number__startswith=number) | Q(number__startswith=f"M-{number}")
        )
        return self.filter(
            Q(number__startswith=number)
            | Q(number__startswith=f"R-{number}")
            | Q(order_id__in=orders.values("pk"))
        )


class Return(models.Model):
    """A customer's goods on their way back.

    ``note`` is what was written with the request, ``answer`` what staff answered: both are told
    to the customer. ``expires_at`` is until when an approved return is waited for.
    """

    number = models.CharField(max_length=16, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    state = models.CharField(
        max_length=9, choices=ReturnState.choices, default=ReturnState.REQUESTED
    )
    source = models.CharField(max_length=8, choices=ReturnSource.choices)
    reason = models.CharField(max_length=16, choices=ReturnReason.choices)
    note = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    answer = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[ReturnQuerySet] = ReturnQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_state_is_known", condition=Q(state__in=ReturnState.values)
            ),
            models.CheckConstraint(
                name="return_reason_is_known", condition=Q(reason__in=ReturnReason.values)
            ),
            models.CheckConstraint(
                name="return_source_is_known", condition=Q(source__in=ReturnSource.values)
            ),
            models.CheckConstraint(
                name="return_has_ended_exactly_in_its_last_states",
                condition=Q(state__in=HAS_NOT_ENDED, ended_at__isnull=True)
                | (~Q(state__in=HAS_NOT_ENDED) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="return_was_decided_before_anything_arrives_or_is_rejected",
                condition=Q(state__in=[ReturnState.REQUESTED, ReturnState.CANCELLED])
                | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="return_that_is_rejected_says_why",
                condition=~Q(state=ReturnState.REJECTED) | ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="return_that_is_approved_ends_some_day",
                condition=~Q(state=ReturnState.APPROVED) | Q(expires_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "requested_at", "id"], name="return_worklist"),
            models.Index(fields=["-requested_at", "-id"], name="return_newest"),
            models.Index(
                fields=["expires_at"],
                name="return_overdue",
                condition=Q(state=ReturnState.APPROVED),
            ),
        ]
        triggers = [WHOSE_RETURN_IT_IS, WHAT_BECAME_OF_IT, ReturnIsOnItsOrderLines()]

    def __str__(self) -> str:
        return self.number

    @property
    def next_states(self) -> list[ReturnState]:
        """What may follow, in alphabetical order."""
        return RETURN.next_states(ReturnState(self.state))


class ReturnLine(models.Model):
    """So many units of one order line: asked for, agreed to, received, sold again."""

    of_return = models.ForeignKey(Return, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    requested = models.PositiveIntegerField()
    approved = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    restocked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "of_return", "order_line", name="one_return_line_per_order_line_and_return"
            ),
            models.CheckConstraint(
                name="return_line_asks_for_something", condition=Q(requested__gt=0)
            ),
            models.CheckConstraint(
                name="return_line_approved_is_at_most_requested",
                condition=Q(approved__lte=F("requested")),
            ),
            models.CheckConstraint(
                name="return_line_received_is_at_most_approved",
                condition=Q(received__lte=F("approved")),
            ),
            models.CheckConstraint(
                name="return_line_restocked_is_at_most_received",
                condition=Q(restocked__lte=F("received")),
            ),
        ]
        triggers = [
            HoldsItsOwnOrdersLines(),
            WHAT_WAS_ASKED_FOR,
            ReturnLineIsOnItsOrderLine(),
            LineShowsItsReceipts(),
        ]

    def __str__(self) -> str:
        return f"{self.requested} of line {self.order_line_id}"

    @property
    def awaited(self) -> int:
        """How many units were agreed to and have not come."""
        return self.approved - self.received

    @property
    def refundable_quantity(self) -> int:
        """How many units may be refunded: what was received, whatever its condition."""
        return self.received


class ReturnReceipt(models.Model):
    """One fact: so many units came, in one condition, and went on the shelf or did not.

    ``seen_version`` is the return's version that who received them had before them: the same
    receipt sent twice, or by two people, is known again by it.
    """

    line = models.ForeignKey(ReturnLine, models.PROTECT, related_name="receipts")
    seen_version = models.PositiveIntegerField()
    condition = models.CharField(max_length=7, choices=Condition.choices)
    is_restocked = models.BooleanField()
    quantity = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "line",
                "seen_version",
                "condition",
                "is_restocked",
                name="one_receipt_per_line_version_condition_and_restock",
            ),
            models.CheckConstraint(
                name="return_receipt_condition_is_known",
                condition=Q(condition__in=Condition.values),
            ),
            models.CheckConstraint(
                name="return_receipt_quantity_is_positive", condition=Q(quantity__gt=0)
            ),
        ]
        triggers = [AppendOnly(), TruncateGuard(), ArrivesWhileReceiving(), ReceiptIsOnItsLine()]

    def __str__(self) -> str:
        return f"{self.quantity} {self.condition} of line {self.line_id}"
