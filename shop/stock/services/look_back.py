"""What the level was at some moment, as the ledger has it."""

from dataclasses import dataclass
from datetime import datetime

from shop.stock.models import StockItem, StockMovement


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level of the past, in units. `last_seq` is the last movement that it contains, 0 for none.

    `since` is the moment of that movement.
    """

    on_hand: int = 0
    reserved: int = 0
    last_seq: int = 0
    since: datetime | None = None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def stock_at(*, variant_id: int, at: datetime) -> Level:
    """Return the level of a variant as it was at the moment `at`: one look into an index.

    A variant that had no stock then had a level too: none.
    """
    # As a subquery: a join would have the whole ledger sorted before its last line is taken.
    item = StockItem.objects.filter(variant_id=variant_id).values("id")
    last = (
        StockMovement.objects.filter(item_id=item[:1], created_at__lte=at)
        .order_by("-created_at", "-seq")
        .first()
    )
    if last is None:
        return Level()
    return Level(
        on_hand=last.on_hand_after,
        reserved=last.reserved_after,
        last_seq=last.seq,
        since=last.created_at,
    )
