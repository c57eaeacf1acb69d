"""How much there is: one counter per variant, and the ledger that it is the sum of."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mdv.kernel.triggers import AppendOnly, TruncateGuard
from shop.catalog.models import Variant
from shop.stock.states import MovementKind
from shop.stock.triggers import EqualsItsLastMovement, FollowsItsPredecessor, MovementIsOnItsItem

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
        ]
        indexes = [models.Index(fields=["source"], name="movement_by_source")]
        triggers = [
            AppendOnly(),
            TruncateGuard(),
            FollowsItsPredecessor(),
            MovementIsOnItsItem(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.d_on_hand:+d}/{self.d_reserved:+d}"
