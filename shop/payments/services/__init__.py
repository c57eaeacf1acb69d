"""How orders are paid, and the money that arrives for them."""

from shop.payments.services.check_out import PaymentMethodNotOffered, check_out
from shop.payments.services.how_to_pay import HowToPay, how_to_pay
from shop.payments.services.record_payment import (
    MoreThanDue,
    OrderIsCancelled,
    ReferenceUsed,
    record_payment,
)

__all__ = [
    "HowToPay",
    "MoreThanDue",
    "OrderIsCancelled",
    "PaymentMethodNotOffered",
    "ReferenceUsed",
    "check_out",
    "how_to_pay",
    "record_payment",
]
