"""What can be done with an order, one function per use case."""

from shop.orders.services.access import access_token, get_order, opens
from shop.orders.services.cancel_order import (
    REFUSALS_OF_CANCELLING,
    AlreadyConfirmed,
    AlreadyShipped,
    OrderHasPayments,
    cancel_open_order,
    cancel_order,
    cancel_unshipped_order,
    check_cancelling,
    expire_orders,
)
from shop.orders.services.complete_order import fulfil_order, owed_for
from shop.orders.services.confirm_order import (
    NotPaidOnDelivery,
    add_captured,
    confirm_pay_on_delivery,
    lock_order,
)
from shop.orders.services.count_uses import orders_using, units_held
from shop.orders.services.gather_items import EmptyOrder, Unavailable, WantedLine
from shop.orders.services.issue_missing_invoice import (
    issue_missing_invoice,
    plan_missing_invoice,
)
from shop.orders.services.missing_money import (
    Missing,
    MissingHasChanged,
    MoneyIsMissing,
    NothingIsMissing,
    accept_missing,
    held_orders,
    missing_of,
    refuse_while_money_is_missing,
)
from shop.orders.services.name_lines import units_by_line
from shop.orders.services.place_order import (
    MAX_ORDER_TOTAL,
    REFUSALS_OF_PLACING,
    Checkout,
    OrderTooLarge,
    PlacedOrder,
    PriceChanged,
    place_order,
)
from shop.orders.services.print_invoice import NotInvoiced, print_invoice
from shop.orders.services.reopen_order import NotReopened, reopen_order
from shop.orders.services.reorder import NothingIsSold, Reordered, reorder
from shop.orders.services.write_note import write_note

__all__ = [
    "MAX_ORDER_TOTAL",
    "REFUSALS_OF_CANCELLING",
    "REFUSALS_OF_PLACING",
    "AlreadyConfirmed",
    "AlreadyShipped",
    "Checkout",
    "EmptyOrder",
    "Missing",
    "MissingHasChanged",
    "MoneyIsMissing",
    "NotInvoiced",
    "NotPaidOnDelivery",
    "NotReopened",
    "NothingIsMissing",
    "NothingIsSold",
    "OrderHasPayments",
    "OrderTooLarge",
    "PlacedOrder",
    "PriceChanged",
    "Reordered",
    "Unavailable",
    "WantedLine",
    "accept_missing",
    "access_token",
    "add_captured",
    "cancel_open_order",
    "cancel_order",
    "cancel_unshipped_order",
    "check_cancelling",
    "confirm_pay_on_delivery",
    "expire_orders",
    "fulfil_order",
    "get_order",
    "held_orders",
    "issue_missing_invoice",
    "lock_order",
    "missing_of",
    "opens",
    "orders_using",
    "owed_for",
    "place_order",
    "plan_missing_invoice",
    "print_invoice",
    "refuse_while_money_is_missing",
    "reopen_order",
    "reorder",
    "units_by_line",
    "units_held",
    "write_note",
]
