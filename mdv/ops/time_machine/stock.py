"""A stock item at an instant, out of its ledger.

A transaction moves an item in one movement, which counts from the moment that is written on it:
the web's or worker's clock, read while the item was locked.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from mdv.kernel import clock
from mdv.ops.time_machine.counters import Counter
from shop.stock.models import StockItem
from shop.stock.services import Level, stock_at

HOLDERS_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class StockThen:
    """A stock item as it was, in units. `held` says what each order held, at most HOLDERS_SHOWN."""

    sku: str
    level: Level
    held: list[tuple[str, int]]
    counters: list[Counter]

    @property
    def held_by_others(self) -> int:
        """What is held by those that `held` leaves out."""
        return self.level.reserved - sum(units for _, units in self.held)


def stock_then(item: StockItem, *, at: datetime | None = None) -> StockThen:
    """Return a stock item, which has its variant with it, at the instant; None: now."""
    level = stock_at(variant_id=item.variant_id, at=at or clock.now())
    contained = item.movements.filter(seq__lte=level.last_seq).order_by()
    sums = contained.aggregate(on_hand=Sum("d_on_hand"), reserved=Sum("d_reserved"))
    holding = contained.values_list("source").annotate(units=Sum("d_reserved")).exclude(units=0)
    sku = item.variant.sku
    return StockThen(
        sku=sku,
        level=level,
        held=list(holding.order_by("-units", "source")[:HOLDERS_SHOWN]),
        counters=[
            Counter(thing=f"stock {sku}", name=name, shown=shown, ledger=sums[name] or 0)
            for name, shown in (("on_hand", level.on_hand), ("reserved", level.reserved))
        ],
    )
