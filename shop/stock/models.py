"""How much there is: one counter per variant, and the ledger that it is the sum of."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mdv.kernel.triggers import AppendOnly, TruncateGuard
from shop.catalog.models import Variant
from shop.catalog.states import ProductStatus
from shop.stock.states import CountOutcome, MovementKind, StockTakeState
from shop.stock.triggers import (
    COUNT_IS_FIXED,
    CountIsKept,
    EqualsItsLastMovement,
    FollowsItsPredecessor,
    MovementIsOnItsItem,
    StockTakeIsKept,
)

# The sign that each kind of movement must have, as (d_on_hand, d_reserved).
SIGN_RULE = (
    Q(kind=MovementKind.RECEIPT, d_on_hand__gt=0, d_reserved=0)
    | (Q(kind=MovementKind.ADJUST, d_reserved=0) & ~Q(d_on_hand=0))
    | Q(kind=MovementKind.RESERVE, d_on_hand=0, d_reserved__gt=0)
    | Q(kind=MovementKind.RELEASE, d_on_hand=0, d_reserved__lt=0)
    | Q(kind=MovementKind.SHIP, d_on_hand__lt=0, d_reserved=F("d_on_hand"))
    | Q(kind=MovementKind.RETURN, d_on_hand__gt=0, d_reserved=0)
)


class StockItemQuerySet(models.QuerySet["StockItem"]):
    def low(self) -> "StockItemQuerySet":
        """Select what has fallen to its warning level."""
        return self.filter(on_hand__lte=F("reserved") + F("low_at"), low_at__gt=0)

    def running_out(self) -> "StockItemQuerySet":
        """Select what is low and still sold: the rest need not be ordered again."""
        is_sold = {"variant__is_archived": False, "variant__product__status": ProductStatus.ACTIVE}
        return self.low().filter(**is_sold)


class StockItem(models.Model):
    """The level of one variant, in units. A cache of its ledger, which the database checks."""

    variant = models.OneToOneField(Variant, models.PROTECT, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0, editable=False)
    reserved = models.PositiveIntegerField(default=0, editable=False)
    last_seq = models.PositiveIntegerField(default=0, editable=False)
    low_at = models.PositiveIntegerField(
        default=0, help_text="Warn when this many or fewer are available; 0 for never."
    )

    objects: ClassVar[models.Manager["StockItem"]] = StockItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stock_reserved_is_at_most_on_hand",
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")),
            ),
        ]
        triggers = [EqualsItsLastMovement()]

    def __str__(self) -> str:
        if StockItem.variant.is_cached(self):
            return self.variant.sku
        return f"stock of variant {self.variant_id}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One fact about stock: what changed, by how much, why, and what the level was after.

    ``source`` names the object it was for, such as an order's number.
    """

    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=MovementKind.choices)
    d_on_hand = models.IntegerField()
    d_reserved = models.IntegerField()
    on_hand_after = models.IntegerField()
    reserved_after = models.IntegerField()
    reason = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=64, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("item", "seq", name="one_movement_per_place_in_the_ledger"),
            models.CheckConstraint(name="movement_starts_at_one", condition=Q(seq__gte=1)),
            models.CheckConstraint(name="movement_has_the_sign_of_its_kind", condition=SIGN_RULE),
            models.UniqueConstraint(
                fields=["source", "item"],
                name="a_stock_take_corrects_an_item_once",
                condition=Q(kind=MovementKind.ADJUST) & ~Q(source=""),
            ),
        ]
        indexes = [
            models.Index(fields=["source"], name="movement_by_source"),
            models.Index(fields=["item", "-created_at", "-seq"], name="movement_by_moment"),
        ]
        triggers = [
            AppendOnly(),
            TruncateGuard(),
            FollowsItsPredecessor(),
            MovementIsOnItsItem(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.d_on_hand:+d}/{self.d_reserved:+d}"


class StockTake(models.Model):
    """What was counted on the shelves, compared with the levels, and applied once or never.

    What was on hand in the preview is kept: a difference is applied to that level and to no other.
    """

    NUMBER_PREFIX = "ST-"

    name = models.CharField("file", max_length=100, help_text="Of the file that was sent.")
    state = models.CharField(
        max_length=9, choices=StockTakeState.choices, default=StockTakeState.PREVIEWED
    )
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    applied_by = models.CharField(max_length=254, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "stock-take"
        constraints = [
            models.CheckConstraint(
                name="a_stock_take_has_a_time_when_it_is_applied",
                condition=Q(state=StockTakeState.PREVIEWED, applied_at__isnull=True)
                | Q(state=StockTakeState.APPLIED, applied_at__isnull=False),
            ),
        ]
        triggers = [StockTakeIsKept()]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What its movements name as their source."""
        return f"{self.NUMBER_PREFIX}{self.pk:06d}"


class CountQuerySet(models.QuerySet["Count"]):
    def not_applied(self) -> "CountQuerySet":
        """Select what is to be looked into and counted again."""
        return self.filter(outcome__in=CountOutcome.not_applied())


class Count(models.Model):
    """One row of a stock-take's file: what was sent, what the preview saw, what became of it.

    ``sku`` and ``counted_as`` are what was typed; ``variant`` and ``counted`` what that means.
    """

    stock_take = models.ForeignKey(StockTake, models.PROTECT, related_name="counts")
    line = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True)
    counted_as = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="counts")
    counted = models.PositiveIntegerField(null=True)
    on_hand = models.PositiveIntegerField(null=True)
    reserved = models.PositiveIntegerField(null=True)
    refusal = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=9, choices=CountOutcome.choices)
    on_hand_then = models.PositiveIntegerField(null=True)
    reserved_then = models.PositiveIntegerField(null=True)

    objects: ClassVar[CountQuerySet] = CountQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("stock_take", "line", name="one_count_per_line_of_the_file"),
            models.UniqueConstraint(
                fields=["stock_take", "variant"],
                name="a_variant_is_counted_once_in_a_stock_take",
                condition=~Q(outcome=CountOutcome.REFUSED),
            ),
            models.CheckConstraint(
                name="a_count_says_why_it_is_refused",
                condition=Q(outcome=CountOutcome.REFUSED) & ~Q(refusal="")
                | ~Q(outcome=CountOutcome.REFUSED)
                & Q(refusal="", variant__isnull=False, counted__isnull=False)
                & Q(on_hand__isnull=False, reserved__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["stock_take", "outcome", "line"], name="count_by_outcome")]
        triggers = [COUNT_IS_FIXED, CountIsKept()]

    def __str__(self) -> str:
        return f"{self.sku}: {self.counted_as}"

    @property
    def difference(self) -> int | None:
        """How many more there are than the preview showed, in units; less than 0 for fewer."""
        if self.counted is None or self.on_hand is None:
            return None
        return self.counted - self.on_hand

    @property
    def why_not(self) -> str:
        """Say why it was not applied, if it was not."""
        match CountOutcome(self.outcome):
            case CountOutcome.REFUSED:
                return self.refusal
            case CountOutcome.MOVED:
                return (
                    f"Moved since the preview: {self.on_hand} were on hand, "
                    f"{self.on_hand_then} are now. Count it again."
                )
            case CountOutcome.HELD:
                return f"Orders hold {self.reserved_then} of it by now."
        return ""


class LowStockNotice(models.Model):
    """That people were told of an item that is low. It goes when the item has recovered."""

    item = models.OneToOneField(StockItem, models.CASCADE, related_name="low_stock_notice")
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"low stock of {self.item_id}"
