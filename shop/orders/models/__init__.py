"""The promise, and the paper that says so."""

from shop.orders.models.invoices import NUMBER_FORMAT, Invoice
from shop.orders.models.missing_money import MAX_ACCEPTING_REASON_LENGTH, MissingAcceptance
from shop.orders.models.orders import (
    MONEY_COLUMNS,
    NUMBER_PREFIX,
    Order,
    OrderLine,
    OrderNote,
    OrderQuerySet,
)

__all__ = [
    "MAX_ACCEPTING_REASON_LENGTH",
    "MONEY_COLUMNS",
    "NUMBER_FORMAT",
    "NUMBER_PREFIX",
    "Invoice",
    "MissingAcceptance",
    "Order",
    "OrderLine",
    "OrderNote",
    "OrderQuerySet",
]
