"""How orders are paid, and the money that arrives for them."""

from shop.payments.services.check_out import PaymentMethodNotOffered, check_out
from shop.payments.services.how_to_pay import HowToPay, how_to_pay
from shop.payments.services.print_receipt import NothingPaid, print_receipt
from shop.payments.services.record_payment import OrderIsCancelled, ReferenceUsed, record_payment

__all__ = [
    "HowToPay",
    "NothingPaid",
    "OrderIsCancelled",
    "PaymentMethodNotOffered",
    "ReferenceUsed",
    "check_out",
    "how_to_pay",
    "print_receipt",
    "record_payment",
]
