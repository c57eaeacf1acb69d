"""How many units of an order may still be sent back, in all and within the shop's window."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Case, F, IntegerField, Value, When

from mdv.store.services import store_settings
from refunds.models import ReturnLine
from refunds.states import AWAITED, ReturnSource, ReturnState
from shop.fulfilment.models import ShipmentLine
from shop.fulfilment.states import ShipmentState
from shop.orders.models import Order, OrderLine

# What a return takes, as the database counts it at COMMIT (``CLAIMED`` in triggers).
TAKEN = Case(
    When(of_return__state=ReturnState.REQUESTED, then=F("requested")),
    When(of_return__state__in=AWAITED, then=F("approved")),
    When(of_return__state=ReturnState.CLOSED, then=F("received")),
    default=Value(0),
    output_field=IntegerField(),
)


@dataclass
class Arrival:
    """Units of one line that arrived together, less those that returns have taken."""

    at: datetime
    units: int


@dataclass(frozen=True)
class Claim:
    """Units of one line that a return takes."""

    asked_at: datetime
    is_customers: bool
    units: int


def returnable_units(order: Order, ordered: Sequence[OrderLine]) -> dict[int, int]:
    """Return by line how many units were delivered and are in no return."""
    claims = _claims(order)
    return {
        line.pk: line.qty_delivered - sum(claim.units for claim in claims[line.pk])
        for line in ordered
    }


def returnable_lately(order: Order, at: datetime) -> dict[int, int]:
    """Return by line how many units arrived within the shop's window and are in no return.

    Which units earlier returns took nobody wrote down. They are given the oldest that they could
    be about: of a customer those that were in time when they asked, of staff any. Nothing else
    would let customers send back all that was in time, and nothing more.
    """
    window = timedelta(days=store_settings().return_window_days)
    arrivals = _arrivals(order)
    for line_id, claims in _claims(order).items():
        for claim in claims:
            _take(arrivals[line_id], claim, window)
    return {
        line_id: sum(arrival.units for arrival in found if arrival.at >= at - window)
        for line_id, found in arrivals.items()
    }


def _arrivals(order: Order) -> defaultdict[int, list[Arrival]]:
    """Return by line what was delivered, the oldest first."""
    inside = ShipmentLine.objects.filter(
        shipment__order=order, shipment__state=ShipmentState.DELIVERED
    ).order_by("shipment__ended_at", "id")
    arrivals: defaultdict[int, list[Arrival]] = defaultdict(list)
    for line_id, at, units in inside.values_list("order_line_id", "shipment__ended_at", "quantity"):
        arrivals[line_id].append(Arrival(cast("datetime", at), units))
    return arrivals


def _claims(order: Order) -> defaultdict[int, list[Claim]]:
    """Return by line what returns take, in the order in which they were asked for."""
    rows = ReturnLine.objects.filter(of_return__order=order).annotate(taken=TAKEN)
    rows = rows.filter(taken__gt=0).order_by("of_return__requested_at", "id")
    claims: defaultdict[int, list[Claim]] = defaultdict(list)
    columns = ("order_line_id", "of_return__source", "of_return__requested_at", "taken")
    for line_id, source, asked_at, units in rows.values_list(*columns):
        claims[line_id].append(Claim(asked_at, source == ReturnSource.CUSTOMER, units))
    return claims


def _take(arrivals: Sequence[Arrival], claim: Claim, window: timedelta) -> None:
    """Take a claim's units off the oldest arrivals that it can be about.

    Where these are too few, since the shop has shortened its window, off the oldest of all.
    """
    missing = claim.units
    there = [arrival for arrival in arrivals if arrival.at <= claim.asked_at]
    since = claim.asked_at - window
    in_time = [arrival for arrival in there if arrival.at >= since or not claim.is_customers]
    for arrival in (*in_time, *arrivals):
        units = min(missing, arrival.units)
        arrival.units -= units
        missing -= units
