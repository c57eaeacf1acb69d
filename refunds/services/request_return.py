"""Asking to send something back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, IntegerField, Sum, Value, When

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from mdv.store.services import store_settings
from refunds.events import emit_requested
from refunds.letters import tell_requested
from refunds.models import Return, ReturnLine
from refunds.services.lock_return import lines_of, who_acts
from refunds.states import AWAITED, ReturnReason, ReturnSource, ReturnState
from shop.fulfilment.models import ShipmentLine
from shop.fulfilment.states import ShipmentState
from shop.orders.models import Order, OrderLine
from shop.orders.services import lock_order
from shop.orders.services.place_order import NUMBER_ALPHABET, NUMBER_LENGTH

NUMBER_PREFIX = "R-"
MAX_LINES = 200


def _described(what: str) -> dict[str, object]:
    return {
        "lines": {
            "type": "array",
            "description": "What is too much.",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "requested": {"type": "integer", "description": "In units."},
                    "returnable": {"type": "integer", "description": what},
                },
            },
        }
    }


class MoreThanWasDelivered(Conflict):
    code = "more_than_was_delivered"
    detail = "That is more than was delivered and is not on its way back already."
    described = _described("In units.")


class ReturnWindowIsOver(Conflict):
    code = "return_window_is_over"
    detail = "The time in which this could be returned is over. Please write to us."
    described = _described("In units: what was delivered recently enough.")


REFUSALS_OF_REQUESTING = (MoreThanWasDelivered, ReturnWindowIsOver)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """So many units of one article, to be returned or agreed to."""

    sku: str
    quantity: int


@transaction.atomic
def request_return(
    *,
    number: str,
    lines: Sequence[Wanted],
    reason: ReturnReason,
    source: ReturnSource,
    at: datetime,
    note: str = "",
) -> Return:
    """Ask to send `lines` of an order back. Customers may within the shop's window, staff any time.

    Raises:
        NotFound: there is no such order.
        Invalid: there are no lines, an article is not in the order, or is named twice.
        MoreThanWasDelivered, ReturnWindowIsOver: 409.
    """
    order = lock_order(number)
    ordered = list(order.lines.order_by("position"))
    wanted = _by_line(ordered, lines)
    returnable = _returnable_units(order, ordered)
    _refuse_too_much(wanted, returnable, MoreThanWasDelivered)
    if source == ReturnSource.CUSTOMER:
        _refuse_too_much(wanted, _delivered_lately(order, at), ReturnWindowIsOver)
    returned = Return.objects.create(
        number=_new_number(),
        order=order,
        source=source,
        reason=reason,
        note=note,
        requested_at=at,
        requested_by_id=who_acts(),
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(of_return=returned, order_line=line, requested=units)
        for line, units in wanted.items()
    )
    emit_requested(returned, lines_of(returned))
    tell_requested(returned)
    return returned


def _by_line(ordered: Sequence[OrderLine], lines: Sequence[Wanted]) -> dict[OrderLine, int]:
    if not lines:
        message = "Say what is to be returned."
        raise Invalid(problems=[FieldProblem("lines", "required", message)])
    by_sku = {line.sku: line for line in ordered}
    problems = []
    seen: set[str] = set()
    for place, line in enumerate(lines):
        if line.sku not in by_sku:
            message = "This is not in the order."
            problems.append(FieldProblem(f"lines.{place}.sku", "not_in_order", message))
        elif line.sku in seen:
            message = "This is named twice."
            problems.append(FieldProblem(f"lines.{place}.sku", "repeated", message))
        if line.quantity < 1:
            message = "At least one unit."
            problems.append(FieldProblem(f"lines.{place}.quantity", "min_value", message))
        seen.add(line.sku)
    if problems:
        raise Invalid(problems=problems)
    return {by_sku[line.sku]: line.quantity for line in lines}


def _returnable_units(order: Order, ordered: Sequence[OrderLine]) -> dict[int, int]:
    """Return by line how many units were delivered and are in no return.

    What returns take is counted as the database counts it at COMMIT (``CLAIMED`` in triggers).
    """
    taken = Case(
        When(of_return__state=ReturnState.REQUESTED, then=F("requested")),
        When(of_return__state__in=AWAITED, then=F("approved")),
        When(of_return__state=ReturnState.CLOSED, then=F("received")),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = ReturnLine.objects.filter(of_return__order=order).order_by("order_line_id")
    sums = rows.values("order_line_id").annotate(units=Sum(taken))
    claimed = {row["order_line_id"]: row["units"] for row in sums}
    return {line.pk: line.qty_delivered - claimed.get(line.pk, 0) for line in ordered}


def _delivered_lately(order: Order, at: datetime) -> dict[int, int]:
    """Return by line how many units arrived within the shop's return window."""
    since = at - timedelta(days=store_settings().return_window_days)
    inside = ShipmentLine.objects.filter(
        shipment__order=order,
        shipment__state=ShipmentState.DELIVERED,
        shipment__ended_at__gte=since,
    )
    sums = inside.values("order_line_id").annotate(units=Sum("quantity")).order_by("order_line_id")
    return {row["order_line_id"]: row["units"] for row in sums}


def _refuse_too_much(
    wanted: Mapping[OrderLine, int], returnable: Mapping[int, int], refusal: type[Conflict]
) -> None:
    too_much = [
        {"sku": line.sku, "requested": units, "returnable": returnable.get(line.pk, 0)}
        for line, units in wanted.items()
        if units > returnable.get(line.pk, 0)
    ]
    if too_much:
        raise refusal(members={"lines": too_much})


def _new_number() -> str:
    """Return a number that says nothing about how many returns there are."""
    drawn = (secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))
    return NUMBER_PREFIX + "".join(drawn)
