"""Links that mails can carry: each opens one thing of one order, for a while.

Unlike the order's token, which opens all of it and travels in a header.
"""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from mdv.kernel.errors import NotFound
from shop.orders.models import Order

PURPOSE = "mdv.order.paper"
PURPOSE_OF_PAYING = "mdv.order.pay"
LASTS = timedelta(days=90)


class PaperKind(StrEnum):
    INVOICE = "invoice"
    RECEIPT = "receipt"


def link_to(paper: PaperKind, order: Order) -> str:
    """Return the address under which whoever has it prints the paper, for LASTS from now on."""
    return sign_link("paper", [paper.value, order.number], purpose=PURPOSE)


def read_link(signed: str) -> tuple[PaperKind, Order]:
    """Return which paper of which order a link opens.

    Raises:
        NotFound: it is none of ours, was changed, or is too old.
    """
    paper, number = read_signed(signed, purpose=PURPOSE)
    return PaperKind(paper), _order(number)


def link_to_pay(order: Order) -> str:
    """Return the address of the page where whoever has it can pay the order, for LASTS."""
    return sign_link("pay", [order.number], purpose=PURPOSE_OF_PAYING)


def read_link_to_pay(signed: str) -> Order:
    """Return the order that a link offers to pay.

    Raises:
        NotFound: it is none of ours, was changed, or is too old.
    """
    (number,) = read_signed(signed, purpose=PURPOSE_OF_PAYING)
    return _order(number)


def sign_link(route: str, told: list[str], *, purpose: str) -> str:
    """Return the address of a route that carries what is told, signed for one purpose."""
    signed = signing.dumps(told, salt=purpose)
    return settings.STORE_URL.rstrip("/") + reverse(route, args=[signed])


def read_signed(signed: str, *, purpose: str) -> list[str]:
    """Return what a link tells.

    Raises:
        NotFound: it is none of ours, was changed, is for something else, or is too old.
    """
    try:
        told: list[str] = signing.loads(signed, salt=purpose, max_age=LASTS)
    except signing.BadSignature:
        raise NotFound from None
    return told


def _order(number: str) -> Order:
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise NotFound
    return order
