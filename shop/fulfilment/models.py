"""Parcels: what of an order is in which, where it is, and what happened to it."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Prefetch, Q

from mdv.kernel.triggers import AppendOnly, TruncateGuard
from shop.fulfilment.states import (
    IN_THE_HOUSE,
    ON_THE_WAY,
    ON_WORKLIST,
    SHIPMENT,
    SHIPPED,
    EventKind,
    ShipmentState,
    Worklist,
)
from shop.fulfilment.triggers import (
    WHAT_BECAME_OF_IT,
    WHOSE_PARCEL_IT_IS,
    LeavesOnMoneyThatIsHere,
    LinesChangeOnlyWhilePacking,
    LineShowsItsParcels,
    ParcelIsOnItsLine,
    StateIsOnItsLines,
)
from shop.orders.models import Order, OrderLine

PREFIX = "varchar_pattern_ops"  # an index that also finds beginnings
HAS_LEFT = sorted(state.value for state in SHIPPED)
HAS_NOT_ENDED = sorted(state.value for state in IN_THE_HOUSE | ON_THE_WAY)
MAX_CARRIER_LENGTH = 60
MAX_TRACKING_LENGTH = 60
MAX_NOTE_LENGTH = 300


class ParcelledLine(OrderLine):
    """The order line as this app sees it: carries the triggers that read parcels."""

    class Meta:
        proxy = True
        triggers = [LineShowsItsParcels()]


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def on_worklist(self, worklist: Worklist) -> "ShipmentQuerySet":
        """Select what is to be packed, to be shipped, or on its way."""
        return self.filter(state__in=ON_WORKLIST[worklist])

    def with_all(self) -> "ShipmentQuerySet":
        """Bring each parcel's order, ``lines_by_position`` and ``events_by_age`` along."""
        events = ShipmentEvent.objects.order_by("id")
        return self.with_lines().prefetch_related(
            Prefetch("events", events, to_attr="events_by_age")
        )

    def with_lines(self) -> "ShipmentQuerySet":
        """Bring each parcel's order and ``lines_by_position`` along."""
        inside = ShipmentLine.objects.select_related("order_line")
        inside = inside.order_by("order_line__position", "id")
        return self.select_related("order").prefetch_related(
            Prefetch("lines", inside, to_attr="lines_by_position")
        )

    def search(self, term: str) -> "ShipmentQuerySet":
        """Select by the beginning of the parcel's or order's number, or of the tracking number."""
        typed = term.strip()
        number = typed.upper()
        return self.filter(
            Q(number__startswith=number)
            | Q(number__startswith=f"M-{number}")
            | Q(tracking__startswith=typed)
            | Q(tracking__startswith=number)
        )


class Shipment(models.Model):
    """One parcel. Its number is its order's with its ``place`` among the order's parcels.

    ``ended_at`` is when it was delivered, came back, or was cancelled.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    number = models.CharField(max_length=24, unique=True)
    place = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=18, choices=ShipmentState.choices, default=ShipmentState.PACKING
    )
    carrier = models.CharField(max_length=MAX_CARRIER_LENGTH, blank=True)
    tracking = models.CharField(max_length=MAX_TRACKING_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ShipmentQuerySet] = ShipmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "parcel"
        constraints = [
            models.UniqueConstraint("order", "place", name="one_shipment_per_place_of_its_order"),
            models.CheckConstraint(
                name="shipment_state_is_known", condition=Q(state__in=ShipmentState.values)
            ),
            models.CheckConstraint(
                name="shipment_left_the_house_at_a_moment_and_with_a_carrier",
                condition=(Q(state__in=HAS_LEFT, dispatched_at__isnull=False) & ~Q(carrier=""))
                | (~Q(state__in=HAS_LEFT) & Q(dispatched_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="shipment_has_ended_exactly_in_its_last_states",
                condition=Q(state__in=HAS_NOT_ENDED, ended_at__isnull=True)
                | (~Q(state__in=HAS_NOT_ENDED) & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at", "id"], name="shipment_worklist"),
            models.Index(fields=["-created_at", "-id"], name="shipment_newest"),
            models.Index(fields=["tracking"], opclasses=[PREFIX], name="shipment_by_tracking"),
        ]
        triggers = [
            WHOSE_PARCEL_IT_IS,
            WHAT_BECAME_OF_IT,
            LeavesOnMoneyThatIsHere(),
            StateIsOnItsLines(),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def delivered_at(self) -> datetime | None:
        """When it arrived."""
        return self.ended_at if self.state == ShipmentState.DELIVERED else None

    @property
    def way(self) -> str:
        """Whom it left with, and the tracking number if there is one."""
        return f"{self.carrier} {self.tracking}".strip()

    @property
    def next_states(self) -> list[ShipmentState]:
        """What may follow, in alphabetical order."""
        return SHIPMENT.next_states(ShipmentState(self.state))


class ShipmentLine(models.Model):
    """So many units of one order line in one parcel.

    ``restocked`` are those of them that came back and are sold again.
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="parcel_lines")
    quantity = models.PositiveIntegerField()
    restocked = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "parcel line"
        constraints = [
            models.UniqueConstraint(
                "shipment", "order_line", name="one_parcel_line_per_order_line_and_parcel"
            ),
            models.CheckConstraint(
                name="parcel_line_quantity_is_positive", condition=Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="parcel_line_restocked_is_at_most_its_quantity",
                condition=Q(restocked__gte=0) & Q(restocked__lte=F("quantity")),
            ),
        ]
        triggers = [LinesChangeOnlyWhilePacking(), ParcelIsOnItsLine()]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"


class ShipmentEvent(models.Model):
    """One fact about a parcel: what happened, when, who said so. ``note`` is for staff only."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=18, choices=EventKind.choices)
    happened_at = models.DateTimeField()
    note = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shipment_event_kind_is_known", condition=Q(kind__in=EventKind.values)
            ),
        ]
        triggers = [AppendOnly(), TruncateGuard()]

    def __str__(self) -> str:
        return f"{self.kind} of {self.shipment_id}"
