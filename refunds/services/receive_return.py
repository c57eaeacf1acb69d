"""Goods come back: counted once, looked at, and put on the shelf or not."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mdv.kernel import context
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from refunds.events import emit_received
from refunds.letters import tell_received
from refunds.models import Return, ReturnLine, ReturnReceipt
from refunds.services.lock_return import lines_of, lock_return
from refunds.states import RETURN, Condition, ReturnState
from shop.orders.models import OrderLine
from shop.orders.services.complete_order import complete_if_paid
from shop.stock.services import return_stock

Receipts = Counter[tuple[str, Condition, bool]]


class ReturnHasChanged(Conflict):
    code = "return_has_changed"
    detail = "Somebody else has worked on this return. Look at it again before you count."
    described = {"version": {"type": "integer", "description": "The present one."}}


@dataclass(frozen=True, kw_only=True)
class Received:
    """So many units of one article that came in one condition, to be sold again or not."""

    sku: str
    quantity: int
    condition: Condition
    restock: bool


@transaction.atomic
def receive_return(
    *, number: str, version: int, received: Sequence[Received], at: datetime
) -> Return:
    """Count goods that came back, and put those to be sold again on the shelf.

    `version` is the return's that the person has before them. The same receipt of the same version
    again, by whomever, is a no-op: two people who count one parcel count it once. What comes in
    several parcels is received as often.

    Raises:
        NotFound: there is no such return.
        Invalid: nothing is received, it is not in the return, or more than is waited for.
        ReturnHasChanged: 409, somebody received, closed or cancelled meanwhile.
        InvalidTransition: 409.
    """
    returned = lock_return(number)
    inside = lines_of(returned)
    came = _count(received)
    if returned.version != version:
        if came == _received_at(returned, version):
            return returned
        raise ReturnHasChanged(members={"version": returned.version})
    RETURN.check(ReturnState(returned.state), ReturnState.RECEIVING)
    _refuse_too_much(inside, came)
    returned.state = ReturnState.RECEIVING
    returned.version += 1
    returned.save(update_fields=["state", "version"])
    receipts = _write_receipts(inside, came, version=version, at=at)
    _count_up(returned, inside, receipts)
    emit_received(returned, receipts)
    tell_received(receipts)
    complete_if_paid(returned.order)
    _put_on_shelf(returned, receipts)
    return returned


def _count(received: Sequence[Received]) -> Receipts:
    """Return the units by article, condition and whether they are sold again."""
    came: Receipts = Counter()
    problems = []
    for place, one in enumerate(received):
        if one.quantity < 1:
            message = "At least one unit."
            problems.append(FieldProblem(f"lines.{place}.quantity", "min_value", message))
        came[one.sku, one.condition, one.restock] += one.quantity
    if not received:
        problems.append(FieldProblem("lines", "required", "Say what came."))
    if problems:
        raise Invalid(problems=problems)
    return came


def _received_at(returned: Return, version: int) -> Receipts:
    """Return what was received by somebody who had that version before them."""
    rows = ReturnReceipt.objects.filter(line__of_return=returned, seen_version=version)
    columns = ("line__order_line__sku", "condition", "is_restocked", "quantity")
    found = rows.order_by("id").values_list(*columns)
    return Counter({(sku, Condition(how), again): units for sku, how, again, units in found})


def _refuse_too_much(inside: Sequence[ReturnLine], came: Receipts) -> None:
    awaited = {line.order_line.sku: line.awaited for line in inside}
    units: Counter[str] = Counter()
    for (sku, _, _), quantity in came.items():
        units[sku] += quantity
    problems = []
    for sku, quantity in units.items():
        if sku not in awaited:
            problems.append(FieldProblem("lines", "not_in_return", f"{sku} is not in the return."))
        elif quantity > awaited[sku]:
            message = f"{quantity} of {sku}, and {awaited[sku]} are waited for."
            problems.append(FieldProblem("lines", "more_than_awaited", message))
    if problems:
        raise Invalid(problems=problems)


def _write_receipts(
    inside: Sequence[ReturnLine], came: Receipts, *, version: int, at: datetime
) -> list[ReturnReceipt]:
    by_sku = {line.order_line.sku: line for line in inside}
    now = context.current()
    return ReturnReceipt.objects.bulk_create(
        ReturnReceipt(
            line=by_sku[sku],
            seen_version=version,
            condition=condition,
            is_restocked=is_restocked,
            quantity=quantity,
            received_at=at,
            actor_id=now.actor.id,
            actor_label=now.actor.label,
            request_id=now.request_id,
        )
        for (sku, condition, is_restocked), quantity in came.items()
    )


def _count_up(
    returned: Return, inside: Sequence[ReturnLine], receipts: Sequence[ReturnReceipt]
) -> None:
    """Show on the return's and the order's lines what came."""
    for receipt in receipts:
        receipt.line.received += receipt.quantity
        receipt.line.restocked += receipt.quantity if receipt.is_restocked else 0
        receipt.line.order_line.qty_returned += receipt.quantity
    ReturnLine.objects.bulk_update(inside, ["received", "restocked"])
    OrderLine.objects.bulk_update([line.order_line for line in inside], ["qty_returned"])
    returned.order.version += 1
    returned.order.save(update_fields=["version"])


def _put_on_shelf(returned: Return, receipts: Sequence[ReturnReceipt]) -> None:
    on_the_shelf: defaultdict[int, int] = defaultdict(int)
    for receipt in receipts:
        if receipt.is_restocked:
            on_the_shelf[receipt.line.order_line.variant_id] += receipt.quantity
    if on_the_shelf:
        return_stock(quantities=on_the_shelf, source=returned.order.number, reason=returned.number)
