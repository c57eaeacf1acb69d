"""The mails that customers get about an order: placed, confirmed, paid, cancelled."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from mdv.jobs.app import job
from mdv.kernel.money import write_money
from mdv.mail import services as mail
from mdv.mail.quiet import is_quiet
from mdv.mail.writing import UnsafeMail
from mdv.store.models import StoreSettings
from mdv.store.services import store_settings
from shop.orders.mail_links import PaperKind, link_to, link_to_pay
from shop.orders.models import Order, OrderLine
from shop.orders.states import CancelReason, OrderStatus, PaymentMethod

WHY = {
    CancelReason.CUSTOMER: "You asked for it, and nothing is to be paid.",
    CancelReason.STAFF: "We had to cancel it, and are sorry. Nothing is to be paid.",
    CancelReason.EXPIRED: "It was not paid in time. Nothing is to be paid any more.",
    CancelReason.FRAUD: "We could not accept it. Nothing is to be paid.",
    CancelReason.OUT_OF_STOCK: "Something in it is out of stock, and we are sorry. "
    "Nothing is to be paid.",
}

log = structlog.get_logger("mdv.orders")


def tell_placed(order: Order) -> None:
    """Have the customer told what they ordered and how to pay, by a job that writes the mail.

    One statement in a transaction that holds stock, instead of those that the writing takes.
    """
    if not is_quiet():
        write_placed.defer(order_id=order.pk)


@job("orders.mail_placed")
@transaction.atomic
def write_placed(*, order_id: int) -> None:
    """Write the mail about a new order, unless that was done or the order is cancelled by now."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status == OrderStatus.CANCELLED or mail.was_written(kind="order_placed", about=order):
        return
    is_firm = order.status != OrderStatus.PENDING
    content = {
        "lines": [_line(line, order.currency) for line in order.lines.order_by("position")],
        "amounts": _amounts(order),
        "how_to_pay": say_how_to_pay(order, store_settings()),
        "invoice_link": link_to(PaperKind.INVOICE, order) if is_firm else "",
    }
    _send("order_placed", order, content)


def tell_confirmed(order: Order) -> None:
    """Tell the customer that an order which is paid on delivery is agreed to."""
    content = {
        "how_to_pay": say_how_to_pay(order, store_settings()),
        "invoice_link": link_to(PaperKind.INVOICE, order),
    }
    _send("order_confirmed", order, content)


def tell_paid(order: Order) -> None:
    """Tell the customer that the whole sum has arrived."""
    content = {
        "paid": write_money(order.net_captured, order.currency),
        "receipt_link": link_to(PaperKind.RECEIPT, order),
        "invoice_link": link_to(PaperKind.INVOICE, order),
    }
    _send("order_paid", order, content)


def tell_cancelled(order: Order) -> None:
    """Tell the customer that there is no order any more, and why."""
    reason = CancelReason(order.cancel_reason)
    content = {"why": WHY[reason], "is_expired": reason == CancelReason.EXPIRED}
    _send("order_cancelled", order, content)


def say_how_to_pay(order: Order, store: StoreSettings) -> list[str]:
    """Return what is still to be paid and how, line by line."""
    due = write_money(order.due, order.currency)
    if not order.due:
        return ["There is nothing to pay."]
    match PaymentMethod(order.payment_method):
        case PaymentMethod.BANK_TRANSFER if store.bank_details:
            told = f"Please transfer {due} to this account and name {order.number}:"
            return [told, *store.bank_details.splitlines()]
        case PaymentMethod.BANK_TRANSFER:
            return [f"Please transfer {due} and name {order.number}. Our bank details follow."]
        case PaymentMethod.CASH_ON_DELIVERY:
            return [f"Please have {due} in cash ready when the goods are delivered."]
        case PaymentMethod.PAY_AT_PICKUP:
            place = f" at {store.pickup_address}" if store.pickup_address else ""
            return [f"Please pay {due} when you collect the goods{place}."]
        case PaymentMethod.ONLINE:
            return [f"Please pay {due} online: {link_to_pay(order)}"]


def _send(kind: str, order: Order, content: Mapping[str, Any]) -> None:
    if is_quiet():
        return
    try:
        mail.send_mail(kind=kind, to=order.email, context={"order": order, **content}, about=order)
    except UnsafeMail:
        # Money is booked and stock given back whatever somebody's address looks like.
        log.warning("mail_not_written", kind=kind, number=order.number)


def _line(line: OrderLine, currency: str) -> tuple[str, str]:
    options = f" ({' / '.join(line.options)})" if line.options else ""
    return f"{line.quantity} × {line.title}{options}", write_money(line.total, currency)


def _amounts(order: Order) -> list[tuple[str, str]]:
    amounts = {"Shipping": order.shipping_total, "Total": order.total}
    return [(label, write_money(amount, order.currency)) for label, amount in amounts.items()]
