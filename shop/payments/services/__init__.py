"""How orders are paid, and the money that arrives for them."""

from shop.payments.services.apply_event import apply_event
from shop.payments.services.begin_payment import (
    NothingToPay,
    PaymentHasEnded,
    ProviderNotOffered,
    begin_payment,
    send_payment,
)
from shop.payments.services.check_out import (
    REFUSALS_OF_CHECKING_OUT,
    PaymentMethodNotOffered,
    check_out,
)
from shop.payments.services.how_to_pay import HowToPay, how_to_pay
from shop.payments.services.look_up import look_up_payments, verify_payment
from shop.payments.services.print_receipt import NothingPaid, print_receipt
from shop.payments.services.record_payment import (
    MoreThanDue,
    OrderIsCancelled,
    ReferenceUsed,
    record_payment,
)
from shop.payments.services.refund_events import take_refunds_with
from shop.payments.services.settle_exception import (
    AlreadySettled,
    NotForThisException,
    NotOurMoney,
    OtherCurrency,
    apply_to_order,
    keep_for_refund,
    leave_as_it_is,
    may_be_booked,
    may_be_reopened,
    reopen_for_money,
)
from shop.payments.services.take_events import take_look_up, take_notice, take_refund_look_up
from shop.payments.services.waiting_events import apply_waiting_events

__all__ = [
    "REFUSALS_OF_CHECKING_OUT",
    "AlreadySettled",
    "HowToPay",
    "MoreThanDue",
    "NotForThisException",
    "NotOurMoney",
    "NothingPaid",
    "NothingToPay",
    "OrderIsCancelled",
    "OtherCurrency",
    "PaymentHasEnded",
    "PaymentMethodNotOffered",
    "ProviderNotOffered",
    "ReferenceUsed",
    "apply_event",
    "apply_to_order",
    "apply_waiting_events",
    "begin_payment",
    "check_out",
    "how_to_pay",
    "keep_for_refund",
    "leave_as_it_is",
    "look_up_payments",
    "may_be_booked",
    "may_be_reopened",
    "print_receipt",
    "record_payment",
    "reopen_for_money",
    "send_payment",
    "take_look_up",
    "take_notice",
    "take_refund_look_up",
    "take_refunds_with",
    "verify_payment",
]
