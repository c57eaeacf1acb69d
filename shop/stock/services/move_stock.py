"""Moving stock: the only code that changes a level, always together with its ledger.

Every function locks the stock items in the order of their variants' ids, checks, and writes the
new levels with their movements in one statement. The number of statements does not depend on the
number of variants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from audit.versions import check_shown
from mdv.kernel import clock, context
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from shop.catalog.models import Variant
from shop.stock.models import StockItem
from shop.stock.states import MovementKind

MAX_CHANGE = 1_000_000  # units in one movement


class OutOfStock(Conflict):
    code = "out_of_stock"
    detail = "Some of this is no longer available in that quantity."
    described = {
        "lines": {
            "type": "array",
            "description": "What is short.",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "requested": {"type": "integer", "description": "In units."},
                    "available": {"type": "integer", "description": "In units."},
                },
            },
        }
    }


class BelowReserved(Conflict):
    code = "below_reserved"
    detail = "Orders hold more of this than would be left."


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to happen to one variant's stock, in units, and why if not for the common reason."""

    variant_id: int
    d_on_hand: int = 0
    d_reserved: int = 0
    reason: str = ""


@transaction.atomic
def receive_stock(*, variant_id: int, quantity: int, reason: str = "", source: str = "") -> None:
    """Add goods that came in.

    Raises:
        Invalid: the quantity is not from 1 to MAX_CHANGE.
    """
    if not 1 <= quantity <= MAX_CHANGE:
        raise _bad_quantity("quantity")
    change = Change(variant_id=variant_id, d_on_hand=quantity)
    _move([change], kind=MovementKind.RECEIPT, reason=reason, source=source)


@transaction.atomic
def receive_delivery(*, quantities: Mapping[int, int], reason: str = "", source: str = "") -> None:
    """Add goods that came in together: `quantities`, variant id to units.

    Raises:
        Invalid: a quantity is not from 1 to MAX_CHANGE.
    """
    if not all(1 <= quantity <= MAX_CHANGE for quantity in quantities.values()):
        raise _bad_quantity("quantities")
    changes = [Change(variant_id=v, d_on_hand=quantity) for v, quantity in quantities.items()]
    _move(changes, kind=MovementKind.RECEIPT, reason=reason, source=source)


@transaction.atomic
def adjust_stock(*, variant_id: int, delta: int, reason: str) -> None:
    """Correct the level by `delta` units, for a reason that people can read later.

    Raises:
        Invalid: the delta is 0 or too large, or there is no reason.
        BelowReserved: orders hold more than would be left.
    """
    if delta == 0 or abs(delta) > MAX_CHANGE:
        raise _bad_quantity("delta")
    if not reason.strip():
        problem = FieldProblem("reason", "required", "Say why the stock is corrected.")
        raise Invalid(problems=[problem])
    change = Change(variant_id=variant_id, d_on_hand=delta)
    _move([change], kind=MovementKind.ADJUST, reason=reason, source="")


@transaction.atomic(savepoint=False)
def reserve_stock(*, quantities: Mapping[int, int], source: str) -> None:
    """Hold `quantities` (variant id to units) for an order: all of them or none.

    Raises:
        OutOfStock: 409, naming each variant that is short and what is available.
    """
    changes = [Change(variant_id=v, d_reserved=quantity) for v, quantity in quantities.items()]
    _move(changes, kind=MovementKind.RESERVE, reason="", source=source)


@transaction.atomic(savepoint=False)
def release_stock(*, quantities: Mapping[int, int], source: str, reason: str = "") -> None:
    """Give back what an order held."""
    changes = [Change(variant_id=v, d_reserved=-quantity) for v, quantity in quantities.items()]
    _move(changes, kind=MovementKind.RELEASE, reason=reason, source=source)


@transaction.atomic(savepoint=False)
def ship_stock(*, quantities: Mapping[int, int], source: str, reason: str = "") -> None:
    """Take what an order held out of the house: what is available stays as it is."""
    changes = [
        Change(variant_id=v, d_on_hand=-quantity, d_reserved=-quantity)
        for v, quantity in quantities.items()
    ]
    _move(changes, kind=MovementKind.SHIP, reason=reason, source=source)


@transaction.atomic(savepoint=False)
def return_stock(*, quantities: Mapping[int, int], source: str, reason: str = "") -> None:
    """Put goods that came back on the shelf again."""
    changes = [Change(variant_id=v, d_on_hand=quantity) for v, quantity in quantities.items()]
    _move(changes, kind=MovementKind.RETURN, reason=reason, source=source)


@transaction.atomic
def set_low_level(*, variant_id: int, low_at: int, shown: int | None = None) -> None:
    """Warn when `low_at` units or fewer are available; 0 for never.

    With `shown`, only if that still is the present level.

    Raises:
        Invalid: it is below 0 or too large.
        Stale: 412, someone changed it since.
    """
    if not 0 <= low_at <= MAX_CHANGE:
        message = f"From 0 to {MAX_CHANGE} units."
        raise Invalid(problems=[FieldProblem("low_at", "out_of_range", message)])
    item = lock_items([variant_id])[variant_id]
    told_by = Q(changes__has_key="low_at")
    check_shown(item, what="warning level", present=item.low_at, shown=shown, told_by=told_by)
    item.low_at = low_at
    item.save(update_fields=["low_at"])


def lock_items(variant_ids: Iterable[int]) -> dict[int, StockItem]:
    """Lock the stock items of these variants, in the order of the variants' ids.

    A variant that never had stock gets its item here.
    """
    wanted = sorted(set(variant_ids))
    if not wanted:
        return {}
    items = _locked(wanted)
    missing = [variant_id for variant_id in wanted if variant_id not in items]
    if missing:
        StockItem.objects.bulk_create(
            [StockItem(variant_id=variant_id) for variant_id in missing], ignore_conflicts=True
        )
        items = _locked(wanted)
    return items


def _locked(variant_ids: list[int]) -> dict[int, StockItem]:
    rows = StockItem.objects.filter(variant_id__in=variant_ids).order_by("variant_id")
    return {item.variant_id: item for item in rows.select_for_update()}


def _move(changes: list[Change], *, kind: MovementKind, reason: str, source: str) -> None:
    items = lock_items(change.variant_id for change in changes)
    move_locked(items, changes, kind=kind, reason=reason, source=source)


def move_locked(
    items: Mapping[int, StockItem],
    changes: list[Change],
    *,
    kind: MovementKind,
    reason: str,
    source: str,
) -> None:
    """Carry out `changes`, one per variant, on `items` that the caller locked.

    Raises:
        OutOfStock: 409, more would be held than is available.
        BelowReserved: 409, orders hold more than would be left.
    """
    if not changes:
        return
    _check(items, changes)
    was_available = {variant_id: item.available > 0 for variant_id, item in items.items()}
    for change in changes:
        item = items[change.variant_id]
        item.on_hand += change.d_on_hand
        item.reserved += change.d_reserved
        item.last_seq += 1
    _write(items, changes, kind=kind, reason=reason, source=source)
    show_in_catalogue(
        [item for item in items.values() if (item.available > 0) != was_available[item.variant_id]]
    )


def _check(items: Mapping[int, StockItem], changes: list[Change]) -> None:
    short = [
        (items[change.variant_id], change)
        for change in changes
        if items[change.variant_id].available + change.d_on_hand - change.d_reserved < 0
    ]
    if not short:
        return
    if any(change.d_reserved > 0 for _, change in short):
        raise OutOfStock(
            members={
                "variants": [
                    {
                        "variant_id": change.variant_id,
                        "requested": change.d_reserved,
                        "available": item.available,
                    }
                    for item, change in short
                ]
            }
        )
    raise BelowReserved


# Level and ledger in one statement: no round trip between them while a hot item is locked.
WRITE = """
    WITH new (item_id, seq, d_on_hand, d_reserved, on_hand, reserved, reason) AS (VALUES {rows}),
    levels AS (
        UPDATE stock_stockitem AS item
        SET on_hand = new.on_hand, reserved = new.reserved, last_seq = new.seq
        FROM new WHERE item.id = new.item_id
    )
    INSERT INTO stock_stockmovement (
        item_id, seq, d_on_hand, d_reserved, on_hand_after, reserved_after,
        reason, kind, source, actor_id, actor_label, request_id, created_at
    )
    SELECT new.*, %s, %s, %s::bigint, %s, %s, %s FROM new
"""


def _write(
    items: Mapping[int, StockItem],
    changes: list[Change],
    *,
    kind: MovementKind,
    reason: str,
    source: str,
) -> None:
    """Write the levels that `items` show, and the movements that led there."""
    rows: list[int | str] = []
    for change in changes:
        item = items[change.variant_id]
        rows += (item.id, item.last_seq, change.d_on_hand, change.d_reserved)
        rows += (item.on_hand, item.reserved, change.reason or reason)
    now = context.current()
    who = [now.actor.id, now.actor.label, now.request_id]
    sql = WRITE.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(changes)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*rows, kind, source, *who, clock.now()])


def show_in_catalogue(changed: list[StockItem]) -> None:
    """Tell the catalogue which variants sold out or came back."""
    for in_stock in (True, False):
        ids = [item.variant_id for item in changed if (item.available > 0) == in_stock]
        if ids:
            Variant.objects.filter(id__in=ids).update(in_stock=in_stock)


def _bad_quantity(field: str) -> Invalid:
    message = f"A whole number of units, not 0, at most {MAX_CHANGE}."
    return Invalid(problems=[FieldProblem(field, "out_of_range", message)])
