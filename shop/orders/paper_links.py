"""Links to papers that mails can carry: each opens one paper of one order, for a while.

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
LASTS = timedelta(days=90)


class PaperKind(StrEnum):
    INVOICE = "invoice"
    RECEIPT = "receipt"


def link_to(paper: PaperKind, order: Order) -> str:
    """Return the address under which whoever has it prints the paper, for LASTS from now on."""
    signed = signing.dumps([paper.value, order.number], salt=PURPOSE)
    return settings.STORE_URL.rstrip("/") + reverse("paper", args=[signed])


def read_link(signed: str) -> tuple[PaperKind, Order]:
    """Return which paper of which order a link opens.

    Raises:
        NotFound: it is none of ours, was changed, or is too old.
    """
    try:
        paper, number = signing.loads(signed, salt=PURPOSE, max_age=LASTS)
    except signing.BadSignature:
        raise NotFound from None
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise NotFound
    return PaperKind(paper), order
