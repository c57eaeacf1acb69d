"""Comparing what was counted with the levels. Nothing moves yet."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from mdv.kernel import context
from shop.catalog.models import Variant
from shop.stock.models import Count, StockTake
from shop.stock.services.look_back import Level
from shop.stock.services.move_stock import MAX_CHANGE
from shop.stock.services.read_count import CountedRow, read_count
from shop.stock.states import CountOutcome

MAX_NAME_LENGTH = 100

Known = dict[str, tuple[int, Level]]


@transaction.atomic
def preview_stock_take(*, name: str, content: bytes, at: datetime) -> StockTake:
    """Keep what was counted, `content` being a CSV file, beside the levels as they are now.

    Raises:
        UnreadableCount: 400, no row of the file can be read; `problems` says why.
    """
    rows = read_count(content)
    known = _levels({row.sku for row in rows})
    times = Counter(row.sku for row in rows)
    stock_take = StockTake.objects.create(
        name="".join(c for c in name if c.isprintable())[:MAX_NAME_LENGTH],
        created_by=context.current().actor.label,
        created_at=at,
    )
    counts = _counts(stock_take, rows, known, times)
    Count.objects.bulk_create(counts)
    return stock_take


def _levels(skus: set[str]) -> Known:
    found = Variant.objects.filter(sku__in=skus).annotate(
        on_hand=Coalesce("stock__on_hand", 0), reserved=Coalesce("stock__reserved", 0)
    )
    columns = found.values_list("sku", "id", "on_hand", "reserved")
    return {sku: (pk, Level(on_hand=h, reserved=r)) for sku, pk, h, r in columns}


def _counts(
    stock_take: StockTake, rows: Sequence[CountedRow], known: Known, times: Counter[str]
) -> list[Count]:
    counts = []
    for row in rows:
        variant_id, level = known.get(row.sku, (None, Level()))
        refusal = row.refusal or _refusal_of(row, level if variant_id else None, times[row.sku])
        count = Count(
            stock_take=stock_take,
            line=row.line,
            sku=row.sku,
            counted_as=row.counted_as,
            reason=row.reason,
            variant_id=variant_id,
            counted=row.counted,
            on_hand=level.on_hand if variant_id else None,
            reserved=level.reserved if variant_id else None,
            refusal=refusal,
        )
        count.outcome = _outcome_of(count)
        counts.append(count)
    return counts


def _refusal_of(row: CountedRow, level: Level | None, times: int) -> str:
    counted = row.counted or 0
    if level is None:
        return "There is no such SKU."
    if times > 1:
        return f"It is {times} times in the file, and only one count can be right."
    if counted < level.reserved:
        return f"Orders hold {level.reserved} of it. Look for them, or cancel an order first."
    if abs(counted - level.on_hand) > MAX_CHANGE:
        return f"A difference of more than {MAX_CHANGE} units is a mistake."
    return ""


def _outcome_of(count: Count) -> CountOutcome:
    if count.refusal:
        return CountOutcome.REFUSED
    return CountOutcome.DIFFERS if count.difference else CountOutcome.AGREES
