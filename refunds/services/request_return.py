"""Asking to send something back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from refunds.events import emit_requested
from refunds.letters import tell_requested
from refunds.models import Return, ReturnLine
from refunds.services.count_returnable import returnable_lately, returnable_units
from refunds.services.lock_return import lines_of, who_acts
from refunds.states import ReturnReason, ReturnSource
from shop.orders.models import OrderLine
from shop.orders.services import lock_order, units_by_line
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
    described = _described("In units: what was delivered recently enough and is in no return.")


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
    if not lines:
        message = "Say what is to be returned."
        raise Invalid(problems=[FieldProblem("lines", "required", message)])
    wanted = units_by_line(ordered, lines)
    _refuse_too_much(wanted, returnable_units(order, ordered), MoreThanWasDelivered)
    if source == ReturnSource.CUSTOMER:
        _refuse_too_much(wanted, returnable_lately(order, at), ReturnWindowIsOver)
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
