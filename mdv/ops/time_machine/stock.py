"""A stock item at an instant, out of its ledger.

A transaction moves an item in one movement, which counts from the moment that is written on it:
the web's or worker's clock, read while the item was locked.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from audit.replay import Unknown, row_at
from mdv.kernel import clock
from mdv.ops.time_machine.counters import Counter
from shop.catalog.models import Variant
from shop.stock.models import StockItem, StockMovement
from shop.stock.services import stock_at

HOLDERS_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class StockThen:
    """A stock item as it was, in units. `held` says what each order held, at most HOLDERS_SHOWN.

    `last` is the last movement that it contains, None before anything had moved.
    """

    sku: str
    on_hand: int
    reserved: int
    low_at: int | Unknown | None
    last: StockMovement | None
    held: list[tuple[str, int]]
    held_by_others: int
    counters: list[Counter]

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def stock_then(sku: str, *, at: datetime | None = None) -> StockThen:
    """Return a variant's stock at the instant; None: now.

    Raises:
        Variant.DoesNotExist: there is no such SKU.
    """
    variant = Variant.objects.get(sku=sku)
    item = StockItem.objects.filter(variant=variant).first()
    level = stock_at(variant_id=variant.pk, at=at or clock.now())
    contained = StockMovement.objects.filter(item=item, seq__lte=level.last_seq)
    sums = contained.aggregate(on_hand=Sum("d_on_hand"), reserved=Sum("d_reserved"))
    holding = list(
        contained.order_by()
        .values_list("source")
        .annotate(units=Sum("d_reserved"))
        .exclude(units=0)
        .order_by("-units", "source")[:HOLDERS_SHOWN]
    )
    ledgers = (
        ("on_hand", level.on_hand, sums["on_hand"] or 0),
        ("reserved", level.reserved, sums["reserved"] or 0),
    )
    return StockThen(
        sku=sku,
        on_hand=level.on_hand,
        reserved=level.reserved,
        low_at=row_at(StockItem, item.pk, at=at)["low_at"] if item else None,
        last=contained.order_by("-seq").first(),
        held=holding,
        held_by_others=level.reserved - sum(units for _, units in holding),
        counters=[
            Counter(thing=f"stock {sku}", name=name, shown=shown, ledger=ledger)
            for name, shown, ledger in ledgers
        ],
    )
