"""Bringing a level and its ledger together again, by a movement and never by an edit."""

from dataclasses import dataclass

from django.db import transaction

from mdv.kernel import context
from mdv.kernel.errors import FieldProblem, Invalid
from mdv.kernel.restating import Restatement
from shop.stock.models import StockItem, StockMovement
from shop.stock.services.move_stock import (
    MAX_CHANGE,
    BelowReserved,
    lock_items,
    show_in_catalogue,
)
from shop.stock.states import MovementKind


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A level and the place of the movement that it follows from, in units."""

    on_hand: int = 0
    reserved: int = 0
    last_seq: int = 0


def plan_level(*, variant_id: int, counted: int, held: int) -> list[Restatement]:
    """Return what :func:`restate_level` would change.

    Raises:
        Invalid: nobody counts so many.
        BelowReserved: 409, orders hold more than was counted.
    """
    item = StockItem.objects.filter(variant_id=variant_id).first()
    item = item or StockItem(variant_id=variant_id)
    return _restatements(item, _after(item, counted, held))


@transaction.atomic
def restate_level(
    *, variant_id: int, counted: int, held: int, reason: str, source: str
) -> list[Restatement]:
    """Let `counted` units be on hand and `held` reserved, in the level and in the ledger.

    What the ledger's last movement differs by is appended to it; where it agrees, the level alone
    is restated. The caller found out what orders hold after it had locked the stock item.

    Raises:
        Invalid: nobody counts so many.
        BelowReserved: 409, orders hold more than was counted.
    """
    item = lock_items([variant_id])[variant_id]
    after = _after(item, counted, held)
    restated = _restatements(item, after)
    was_available = item.available > 0
    movements = _movements(item, counted, held, reason, source)
    item.on_hand, item.reserved, item.last_seq = counted, held, after.last_seq
    item.save(update_fields=["on_hand", "reserved", "last_seq"])
    for movement in movements:
        movement.save()
    if was_available != (item.available > 0):
        show_in_catalogue([item])
    return restated


def _after(item: StockItem, counted: int, held: int) -> Figures:
    if not 0 <= counted <= MAX_CHANGE:
        message = f"From 0 to {MAX_CHANGE} units."
        raise Invalid(problems=[FieldProblem("counted", "out_of_range", message)])
    if counted < held:
        raise BelowReserved(
            f"Open orders hold {held} units and {counted} were counted. "
            "Cancel what cannot be delivered first."
        )
    last = _last(item)
    differing = (last.on_hand != counted) + (last.reserved != held)
    return Figures(on_hand=counted, reserved=held, last_seq=last.last_seq + differing)


def _last(item: StockItem) -> Figures:
    """Return where the ledger ends."""
    last = StockMovement.objects.filter(item_id=item.pk).order_by("-seq").first()
    if last is None:
        return Figures()
    return Figures(on_hand=last.on_hand_after, reserved=last.reserved_after, last_seq=last.seq)


def _movements(
    item: StockItem, counted: int, held: int, reason: str, source: str
) -> list[StockMovement]:
    """Return what leads from the ledger's end to the figures that are wanted."""
    last = _last(item)
    steps = []
    if last.reserved > held:
        steps.append((MovementKind.RELEASE, 0, held - last.reserved))
    if last.on_hand != counted:
        steps.append((MovementKind.ADJUST, counted - last.on_hand, 0))
    if last.reserved < held:
        steps.append((MovementKind.RESERVE, 0, held - last.reserved))
    now = context.current()
    movements = []
    on_hand, reserved = last.on_hand, last.reserved
    for place, (kind, d_on_hand, d_reserved) in enumerate(steps, start=1):
        on_hand, reserved = on_hand + d_on_hand, reserved + d_reserved
        movements.append(
            StockMovement(
                item=item,
                seq=last.last_seq + place,
                kind=kind,
                d_on_hand=d_on_hand,
                d_reserved=d_reserved,
                on_hand_after=on_hand,
                reserved_after=reserved,
                reason=reason,
                source=source,
                actor_id=now.actor.id,
                actor_label=now.actor.label,
                request_id=now.request_id,
            )
        )
    return movements


def _restatements(item: StockItem, after: Figures) -> list[Restatement]:
    last = _last(item)
    figures = (
        ("On hand", item.on_hand, after.on_hand),
        ("On hand in the ledger", last.on_hand, after.on_hand),
        ("Held by orders", item.reserved, after.reserved),
        ("Held in the ledger", last.reserved, after.reserved),
        ("Last movement", item.last_seq, after.last_seq),
    )
    return [
        Restatement(what=what, before=str(before), after=str(then))
        for what, before, then in figures
        if before != then
    ]
