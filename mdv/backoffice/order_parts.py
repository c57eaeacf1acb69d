"""What an order consists of, read once for all that its page says about it."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Prefetch, prefetch_related_objects

from mdv.kernel.money import ZERO
from shop.fulfilment.models import Shipment
from shop.fulfilment.states import IN_THE_HOUSE
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment

UNITS_NAMED = 8  # articles that a sentence names


def lines_of(order: Order) -> list[OrderLine]:
    """Return the order's lines as they stand on it, read once."""
    lines = Prefetch("lines", OrderLine.objects.order_by("position"), to_attr="lines_in_order")
    prefetch_related_objects([order], lines)
    return order.lines_in_order  # type: ignore[attr-defined]


def payments_of(order: Order) -> list[Payment]:
    """Return the order's payments, the first one first, read once."""
    payments = Prefetch("payments", Payment.objects.order_by("id"), to_attr="payments_in_order")
    prefetch_related_objects([order], payments)
    return order.payments_in_order  # type: ignore[attr-defined]


def money_promised_back(order: Order) -> Decimal:
    """Return what of the order's money is promised back or has gone back."""
    return sum((payment.refund_committed for payment in payments_of(order)), ZERO)


def parcels_of(order: Order) -> list[Shipment]:
    """Return the order's parcels with what is in them, the first one first, read once."""
    parcels = Shipment.objects.with_lines().order_by("place")
    prefetch_related_objects([order], Prefetch("shipments", parcels, to_attr="parcels_in_order"))
    return order.parcels_in_order  # type: ignore[attr-defined]


def packed_units(order: Order) -> Counter[int]:
    """Return how many units of each line lie in parcels that have not left."""
    packed: Counter[int] = Counter()
    for parcel in parcels_of(order):
        if parcel.state in IN_THE_HOUSE:
            for line in parcel.lines_by_position:  # type: ignore[attr-defined]
                packed[line.order_line_id] += line.quantity
    return packed


def units_to_pack(order: Order) -> dict[OrderLine, int]:
    """Return how many units of which lines are in no parcel yet, those of which there are any."""
    packed = packed_units(order)
    still_open = {line: line.open_quantity - packed[line.pk] for line in lines_of(order)}
    return {line: units for line, units in still_open.items() if units > 0}


def say_units(units: Sequence[tuple[OrderLine, int]]) -> str:
    """Return units in words, the first few of them: ``2 × SHIRT, 1 × BELT``."""
    told = [f"{count} × {line.sku}" for line, count in units[:UNITS_NAMED]]
    if len(units) > UNITS_NAMED:
        told.append(f"and {len(units) - UNITS_NAMED} more articles")
    return ", ".join(told)


def name_of(line: OrderLine) -> str:
    """Return what was sold, with the options that were chosen."""
    return " ".join([line.title, " / ".join(line.options)]).strip()
