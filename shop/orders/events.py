"""What the world learns of orders. No event names a person: who may know asks for the order."""

from collections.abc import Sequence
from decimal import Decimal

from mdv.events.kinds import declare
from mdv.events.services import emit
from mdv.kernel.money import CENT
from shop.orders.models import Order, OrderLine

PLACED = declare("order.placed", "Somebody ordered, and the stock is held.")
CONFIRMED = declare("order.confirmed", "It is paid, free, or to be paid on delivery: pack it.")
COMPLETED = declare("order.completed", "All of it arrived or came back, and is paid.")
CANCELLED = declare("order.cancelled", "It was given up, and the stock is free again.")
CAPTURED = declare("payment.captured", "Money arrived for an order.")


def emit_placed(order: Order, lines: Sequence[OrderLine]) -> None:
    """Tell that an order was placed, and of what."""
    _emit(
        PLACED,
        order,
        status=order.status,
        total=_text(order.total),
        currency=order.currency,
        payment_method=order.payment_method,
        delivery_method=order.delivery_method,
        lines=[{"sku": line.sku, "quantity": line.quantity} for line in lines],
    )


def emit_confirmed(order: Order) -> None:
    """Tell that an order can be packed."""
    _emit(CONFIRMED, order, total=_text(order.total), currency=order.currency)


def emit_completed(order: Order) -> None:
    """Tell that nothing is left to do for an order."""
    _emit(COMPLETED, order)


def emit_cancelled(order: Order) -> None:
    """Tell that an order was given up, and why."""
    _emit(CANCELLED, order, reason=order.cancel_reason)


def emit_captured(order: Order, amount: Decimal) -> None:
    """Tell that `amount` arrived for an order, and how much that makes."""
    _emit(
        CAPTURED,
        order,
        amount=_text(amount),
        captured_total=_text(order.captured_total),
        total=_text(order.total),
        currency=order.currency,
    )


def _emit(kind: str, order: Order, **payload: object) -> None:
    emit(kind, order, number=order.number, payload=payload)


def _text(amount: Decimal) -> str:
    """Return an amount as the API writes it, whoever computed it."""
    return str(amount.quantize(CENT))
