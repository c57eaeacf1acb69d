"""Issuing an invoice that should have been issued when its order was confirmed."""

from datetime import datetime

from django.db import transaction

from mdv.kernel.restating import Restatement
from shop.orders.models import Invoice, Order
from shop.orders.services.confirm_order import lock_order
from shop.orders.services.issue_invoice import issue_invoice
from shop.orders.states import OrderStatus

TO_BE_ISSUED = "issued now, with the next number"


def plan_missing_invoice(*, number: str) -> list[Restatement]:
    """Return what :func:`issue_missing_invoice` would do."""
    lacks = _lacks_invoice(Order.objects.get(number=number))
    return [_invoice(TO_BE_ISSUED)] if lacks else []


@transaction.atomic
def issue_missing_invoice(*, number: str, at: datetime) -> list[Restatement]:
    """Give an order that is confirmed and has no invoice its own, with the next number.

    Raises:
        NotFound: there is no such order.
    """
    order = lock_order(number)
    if not _lacks_invoice(order):
        return []
    issue_invoice(order=order, at=at)
    return [_invoice(Invoice.objects.get(order=order).number)]


def _lacks_invoice(order: Order) -> bool:
    is_firm = order.status in {OrderStatus.CONFIRMED, OrderStatus.COMPLETED}
    return is_firm and not Invoice.objects.filter(order=order).exists()


def _invoice(after: str) -> Restatement:
    return Restatement(what="Invoice", before="none", after=after)
