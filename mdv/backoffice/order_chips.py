"""How far an order is, in four words: the order, its payment, its parcels, its refunds."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.safestring import SafeString

from mdv.admin.show import BAD, BUSY, CALM, GOOD, show_choice, show_label
from mdv.backoffice.order_missing import is_held
from mdv.backoffice.order_parts import lines_of, money_promised_back, packed_units
from shop.orders.models import Order
from shop.orders.states import OrderStatus, PaymentStatus


class Fulfilment(StrEnum):
    """How far the goods of an order are; computed, nobody writes it."""

    NOTHING_TO_SEND = "nothing_to_send"
    NOTHING_PACKED = "nothing_packed"
    PARTLY_PACKED = "partly_packed"
    PACKED = "packed"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    CAME_BACK = "came_back"


class Refunding(StrEnum):
    """How far the money of an order went back; computed, nobody writes it."""

    NOTHING_REFUNDED = "nothing_refunded"
    TO_BE_REFUNDED = "to_be_refunded"
    BEING_REFUNDED = "being_refunded"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


STATUS_COLOURS = {
    OrderStatus.PENDING: BUSY,
    OrderStatus.CONFIRMED: GOOD,
    OrderStatus.COMPLETED: CALM,
    OrderStatus.CANCELLED: BAD,
}
PAYMENT_COLOURS = {
    PaymentStatus.UNPAID: BUSY,
    PaymentStatus.PARTLY_PAID: BUSY,
    PaymentStatus.PAID: GOOD,
    PaymentStatus.OVERPAID: BAD,
    PaymentStatus.PARTLY_REFUNDED: CALM,
    PaymentStatus.REFUNDED: CALM,
}
# As parcels are coloured: orange is to be done here, blue is on its way, green has arrived.
FULFILMENT_COLOURS = {
    Fulfilment.NOTHING_TO_SEND: "",
    Fulfilment.NOTHING_PACKED: BUSY,
    Fulfilment.PARTLY_PACKED: BUSY,
    Fulfilment.PACKED: BUSY,
    Fulfilment.PARTLY_SHIPPED: BUSY,
    Fulfilment.SHIPPED: CALM,
    Fulfilment.PARTLY_DELIVERED: CALM,
    Fulfilment.DELIVERED: GOOD,
    Fulfilment.CAME_BACK: BAD,
}
REFUND_COLOURS = {
    Refunding.NOTHING_REFUNDED: "",
    Refunding.TO_BE_REFUNDED: BAD,
    Refunding.BEING_REFUNDED: BUSY,
    Refunding.PARTLY_REFUNDED: CALM,
    Refunding.REFUNDED: CALM,
}


def chips_of(order: Order, owed: Decimal) -> list[tuple[str, SafeString]]:
    """Return the four labels of an order, each with what it is about, and whether it is held.

    `owed` is what of its money is owed to the customer.
    """
    chips = [
        ("Order", status_label(order)),
        ("Payment", payment_label(order)),
        ("Goods", _label(fulfilment_of(order), FULFILMENT_COLOURS)),
        ("Refund", _label(refunding_of(order, owed), REFUND_COLOURS)),
    ]
    return [*chips, ("Held", show_label("Money is missing", BAD))] if is_held(order) else chips


def status_label(order: Order) -> SafeString:
    """Return the order's state as a label."""
    return _label(OrderStatus(order.status), STATUS_COLOURS)


def payment_label(order: Order) -> SafeString:
    """Return how far the order is paid as a label."""
    return _label(PaymentStatus(order.payment_status), PAYMENT_COLOURS)


def fulfilment_of(order: Order) -> Fulfilment:
    """Return how far the goods are, by the counts of the lines."""
    lines = lines_of(order)
    wanted = sum(line.quantity - line.qty_cancelled for line in lines)
    shipped = sum(line.qty_shipped for line in lines)
    delivered = sum(line.qty_delivered for line in lines)
    returned = sum(line.qty_returned for line in lines)
    if not wanted:
        return Fulfilment.NOTHING_TO_SEND
    if not shipped:
        return _packing(order, wanted)
    if returned == wanted:
        return Fulfilment.CAME_BACK
    if delivered == wanted:
        return Fulfilment.DELIVERED
    if delivered:
        return Fulfilment.PARTLY_DELIVERED
    return Fulfilment.SHIPPED if shipped == wanted else Fulfilment.PARTLY_SHIPPED


def refunding_of(order: Order, owed: Decimal) -> Refunding:
    """Return how far the money went back: by the totals, what is promised back and `owed`."""
    if order.refunded_total and order.refunded_total == order.captured_total:
        return Refunding.REFUNDED
    promised = money_promised_back(order)
    if owed or order.captured_total - promised > order.total:
        return Refunding.TO_BE_REFUNDED
    if promised > order.refunded_total:
        return Refunding.BEING_REFUNDED
    return Refunding.PARTLY_REFUNDED if order.refunded_total else Refunding.NOTHING_REFUNDED


def _packing(order: Order, wanted: int) -> Fulfilment:
    packed = sum(packed_units(order).values())
    if not packed:
        return Fulfilment.NOTHING_PACKED
    return Fulfilment.PACKED if packed == wanted else Fulfilment.PARTLY_PACKED


def _label(word: StrEnum | TextChoices, colours: Mapping[Any, str]) -> SafeString:
    return show_label(show_choice(word), colours[word])
