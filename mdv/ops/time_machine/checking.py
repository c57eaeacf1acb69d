"""The proof: the trail's replay is what the rows are, and the ledgers' is what counters show.

Everything is asked of one moment of the database. Rows are compared some at a time, by their keys,
so that memory does not grow with the shop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from audit.registry import tracked_as
from mdv.ops.time_machine.ledgers import LEDGERS, ledger_query
from mdv.ops.time_machine.orders import PARTS, OrderTrail
from mdv.ops.time_machine.replay_query import (
    DIFFERENCES,
    LOST,
    LOST_OF_THESE,
    NOTHING,
    ROW,
    parameters_of,
)
from refunds.models import CreditNote, RefundLine, ReturnLine
from shop.fulfilment.models import ShipmentLine
from shop.orders.models import Order
from shop.stock.models import StockItem

STATEMENT_TIMEOUT_MS = 10 * 60 * 1_000
ROWS_AT_ONCE = 2_000
LOST_AT_ONCE = 1_000
OF_AN_ORDER: tuple[type[models.Model], ...] = (Order, *PARTS)
CHECKED: tuple[type[models.Model], ...] = (*OF_AN_ORDER, StockItem)
# Where a row has its order's id.
PATHS: dict[type[models.Model], str] = {
    **dict.fromkeys(PARTS, "order_id"),
    Order: "pk",
    RefundLine: "refund__order_id",
    CreditNote: "refund__order_id",
    ReturnLine: "of_return__order_id",
    ShipmentLine: "shipment__order_id",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`column` of `thing` is `row`, and its `source`, the trail or the ledger, makes `replay`."""

    thing: str
    column: str
    source: str
    replay: str
    row: str

    def __str__(self) -> str:
        return f"{self.thing}: {self.column} is {self.row}, the {self.source} says {self.replay}"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was compared in one go: so many rows of a model, so many counters of them."""

    model: type[models.Model]
    rows: int
    counters: int
    differences: list[Difference]


def check_everything() -> Iterator[Compared]:
    """Compare every row with its replay, some at a time; nothing is written or locked.

    The transaction lasts until the last of it was taken.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        _stand_still(cursor)
        for model in CHECKED:
            yield from (_compare(cursor, model, keys) for keys in _keys(cursor, model))
            yield from _lost(model, LOST, {})


def check_order(order_id: int) -> Iterator[Compared]:
    """Compare one order and all that belongs to it, whether it is there or only in the trail."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        _stand_still(cursor)
        told: dict[type[models.Model], set[int]] = {model: set() for model in OF_AN_ORDER}
        told[Order].add(order_id)
        trail = OrderTrail(order_id)
        for entry in trail.entries:
            model = entry.content_type.model_class() if entry.content_type else None
            if model is not None and entry.object_id is not None:
                told[model].add(entry.object_id)
        for model, keys in told.items():
            found = sorted(keys | set(_present(model, order_id)))
            yield _compare(cursor, model, found)
            yield from _lost(model, LOST_OF_THESE, {"texts": [str(key) for key in found]})


def _present(model: type[models.Model], order_id: int) -> Iterator[int]:
    own: models.QuerySet[Any] = model.objects.filter(**{PATHS[model]: order_id})  # type: ignore[attr-defined]
    return own.values_list("pk", flat=True).iterator()


def _stand_still(cursor: CursorWrapper) -> None:
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute("SET LOCAL statement_timeout = %s", [STATEMENT_TIMEOUT_MS])


def _keys(cursor: CursorWrapper, model: type[models.Model]) -> Iterator[list[int]]:
    """Yield the ids of a table, some at a time."""
    last = 0
    while True:
        cursor.execute(
            f"SELECT id FROM {model._meta.db_table} WHERE id > %s ORDER BY id LIMIT %s",  # noqa: S608
            [last, ROWS_AT_ONCE],
        )
        keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return
        yield keys
        last = keys[-1]


def _compare(cursor: CursorWrapper, model: type[models.Model], keys: list[int]) -> Compared:
    asked: dict[str, Any] = {**parameters_of(model), "keys": keys}
    asked["texts"] = [str(key) for key in keys]
    cursor.execute(DIFFERENCES.format(table=model._meta.db_table), asked)
    found = [("trail", *row) for row in cursor.fetchall()]
    if model in LEDGERS:
        cursor.execute(ledger_query(model), asked)
        found += [("ledger", *row) for row in cursor.fetchall()]
    names = _names(cursor, model, [int(key) for _, key, *_ in found])
    return Compared(
        model=model,
        rows=len(keys),
        counters=len(keys) * len(LEDGERS.get(model, {})),
        differences=[
            Difference(
                thing=_thing(model, key, names.get(key, "")),
                column=column,
                source=source,
                replay=_said(replay),
                row=_said(row),
            )
            for source, key, column, replay, row in found
        ],
    )


def _lost(model: type[models.Model], query: str, asked: dict[str, Any]) -> Iterator[Compared]:
    """Yield the rows of which the trail knows no end, and that are not there."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query.format(table=model._meta.db_table), {**parameters_of(model), **asked})
        while found := cursor.fetchmany(LOST_AT_ONCE):
            differences = [
                Difference(
                    thing=_thing(model, key, name),
                    column=ROW,
                    source="trail",
                    replay="it was never deleted",
                    row=NOTHING,
                )
                for key, name in found
            ]
            yield Compared(model=model, rows=0, counters=0, differences=differences)


def _names(cursor: CursorWrapper, model: type[models.Model], keys: list[int]) -> dict[str, str]:
    """Return what the trail would call these rows."""
    if not keys:
        return {}
    label = tracked_as(model).label
    cursor.execute(
        f"SELECT id::text, {label}::text FROM {model._meta.db_table} WHERE id = ANY(%s)",  # noqa: S608
        [keys],
    )
    return dict(cursor.fetchall())


def _thing(model: type[models.Model], key: str, name: str) -> str:
    return f"{model._meta.verbose_name} {name} (id {key})"


def _said(value: str | None) -> str:
    return "empty" if value is None else value
