"""Payments to be started, each with a reference of its own."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

from shop.payments.gateways.base import Wanted

RETURN_URL = "https://shop.example.com/paid?order=M-1"
_numbers = itertools.count(1)


def wanted(**changes):
    facts = {
        "reference": f"mdv-{next(_numbers)}",
        "amount": Decimal("15000.00"),
        "currency": "NGN",
        "email": "ada@example.com",
        "order_number": "M-7K2P9QXZ",
        "return_url": RETURN_URL,
        "begun_at": now(),
    }
    return Wanted(**facts | changes)


def now():
    return datetime.now(UTC)
