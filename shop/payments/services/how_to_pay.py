"""What to tell a customer who still has to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mdv.kernel.money import ZERO
from mdv.store.models import StoreSettings
from shop.orders.models import Order
from shop.orders.states import OrderStatus, PaymentMethod
from shop.payments.gateways import offered


@dataclass(frozen=True, kw_only=True)
class HowToPay:
    """How an order is paid.

    ``reference`` and ``bank_details`` are for bank transfers, ``providers`` for paying online.
    """

    method: str
    due: Decimal
    instructions: str
    reference: str = ""
    bank_details: str = ""
    providers: Sequence[str] = ()


def how_to_pay(order: Order, store: StoreSettings) -> HowToPay:
    """Return what is still to be paid for `order`, and how."""
    if order.status == OrderStatus.CANCELLED or not order.due:
        return HowToPay(
            method=order.payment_method, due=ZERO, instructions="There is nothing to pay."
        )
    amount = f"{order.currency} {order.due}"
    if order.payment_method == PaymentMethod.BANK_TRANSFER:
        return HowToPay(
            method=order.payment_method,
            due=order.due,
            instructions=_by_bank_transfer(order, store, amount),
            reference=order.number,
            bank_details=store.bank_details,
        )
    if order.payment_method == PaymentMethod.ONLINE:
        return HowToPay(
            method=order.payment_method,
            due=order.due,
            instructions=f"Pay {amount} online: start a payment at one of the providers.",
            providers=[gateway.provider.value for gateway in offered(order.currency)],
        )
    instructions = {
        PaymentMethod.CASH_ON_DELIVERY: f"Pay {amount} in cash when the goods are delivered.",
        PaymentMethod.PAY_AT_PICKUP: _at_pickup(store, amount),
    }
    return HowToPay(
        method=order.payment_method,
        due=order.due,
        instructions=instructions.get(PaymentMethod(order.payment_method), f"Pay {amount}."),
    )


def _by_bank_transfer(order: Order, store: StoreSettings, amount: str) -> str:
    if not store.bank_details:
        return f"We will send you our bank details. Transfer {amount} and name {order.number}."
    return f"Transfer {amount} to our bank account and name {order.number} as the reference."


def _at_pickup(store: StoreSettings, amount: str) -> str:
    place = f" at {store.pickup_address}" if store.pickup_address else ""
    return f"Pay {amount} when you collect the goods{place}."
