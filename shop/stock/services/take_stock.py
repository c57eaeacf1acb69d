"""Applying a stock-take: each difference becomes one movement, unless the level has moved."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from mdv.kernel import context
from mdv.kernel.errors import NotFound
from shop.stock.models import Count, StockItem, StockTake
from shop.stock.services.move_stock import Change, lock_items, move_locked
from shop.stock.states import STOCK_TAKE, CountOutcome, MovementKind, StockTakeState

# COMMIT compares every level with its ledger: thousands at once may take longer than a statement
# otherwise may.
MOST_SECONDS = 30


@transaction.atomic
def take_stock(*, stock_take_id: int, at: datetime) -> StockTake:
    """Correct the levels by the differences that the preview showed, each as one movement.

    A difference holds for the level that it was found at. Where that has moved since, by goods
    that came, went or were corrected, the row is left alone and says so; so is one of which
    orders hold more by now. Reservations alone change nothing on the shelf and so nothing here.
    A stock-take that is applied already stays as it is.

    Raises:
        NotFound: it has been cleared away, as previews are that nobody applies.
    """
    stock_take = StockTake.objects.select_for_update().filter(pk=stock_take_id).first()
    if stock_take is None:
        raise NotFound
    if stock_take.state == StockTakeState.APPLIED:
        return stock_take
    _take_time()
    STOCK_TAKE.check(StockTakeState(stock_take.state), StockTakeState.APPLIED)
    differing = list(stock_take.counts.filter(outcome=CountOutcome.DIFFERS).order_by("variant_id"))
    items = lock_items(count.variant_id for count in differing if count.variant_id)
    judged = _judged(differing, items)
    corrected = judged[CountOutcome.CORRECTED]
    number = stock_take.number
    move_locked(
        {count.variant_id: items[count.variant_id] for count in corrected if count.variant_id},
        [change for count in corrected if (change := _change(count))],
        kind=MovementKind.ADJUST,
        reason=f"Stock-take {number}",
        source=number,
    )
    _note(judged)
    stock_take.state = StockTakeState.APPLIED
    stock_take.applied_at = at
    stock_take.applied_by = context.current().actor.label
    stock_take.save(update_fields=["state", "applied_at", "applied_by"])
    return stock_take


def _take_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'")


def _judged(
    counts: Iterable[Count], items: Mapping[int, StockItem]
) -> dict[CountOutcome, list[Count]]:
    judged: dict[CountOutcome, list[Count]] = {
        CountOutcome.CORRECTED: [],
        CountOutcome.MOVED: [],
        CountOutcome.HELD: [],
    }
    for count in counts:
        item = items[count.variant_id or 0]
        if item.on_hand != count.on_hand:
            judged[CountOutcome.MOVED].append(count)
        elif item.reserved > (count.counted or 0):
            judged[CountOutcome.HELD].append(count)
        else:
            judged[CountOutcome.CORRECTED].append(count)
    return judged


def _change(count: Count) -> Change | None:
    if count.variant_id is None or not count.difference:
        return None
    return Change(variant_id=count.variant_id, d_on_hand=count.difference, reason=count.reason)


def _note(judged: Mapping[CountOutcome, list[Count]]) -> None:
    """Write down what became of each row, and the level that it met."""
    item = StockItem.objects.filter(variant=OuterRef("variant"))
    for outcome, counts in judged.items():
        if counts:
            Count.objects.filter(pk__in=[count.pk for count in counts]).update(
                outcome=outcome,
                on_hand_then=Subquery(item.values("on_hand")[:1]),
                reserved_then=Subquery(item.values("reserved")[:1]),
            )
