"""The table of roles said once more, role by role, so that no edit widens it unnoticed."""

import pytest

from mdv.accounts.roles import RIGHTS, Role

CATALOGUE = {
    f"catalog.{verb}_{what}"
    for verb in ("add", "change", "delete")
    for what in ("category", "product", "variant", "productimage")
}
PRICES = {
    f"pricing.{verb}_{what}"
    for verb in ("add", "change", "delete")
    for what in ("coupon", "shippingzone", "taxrate")
}
STOCK = {"stock.receive_stock", "stock.adjust_stock", "stock.add_stocktake"}
PARCELS = {"fulfilment.add_shipment", "fulfilment.ship_shipment"}
RETURNS = {"refunds.add_return", "refunds.decide_return", "refunds.receive_return"}
REFUNDS = {"refunds.approve_refund", "refunds.refund_without_return", "refunds.write_off"}
SELLING = (
    CATALOGUE
    | STOCK
    | PARCELS
    | RETURNS
    | {"refunds.request_refund"}
    | {"orders.confirm_order", "orders.cancel_order", "orders.cancel_confirmed_order"}
    | {"orders.write_note", "payments.record_payment", "payments.settle_exception"}
)
LEADING = (
    SELLING
    | PRICES
    | REFUNDS
    | {"orders.accept_missing", "accounts.change_user", "jobs.retry_job", "mail.resend_mail"}
)

BOOKS = {"ops.check_books"}
PEOPLE = {"accounts.add_user", "accounts.grant_role", "accounts.close_account"}

MAY_CHANGE = {
    Role.ADMIN: LEADING
    | PEOPLE
    | BOOKS
    | {"ops.compensate_books"}
    | {"events.manage_webhooktarget", "store.change_storesettings", "refunds.change_refundpolicy"},
    Role.SUPERVISOR: LEADING | BOOKS,
    Role.OPERATIONS: SELLING,
    Role.LOGISTICS: STOCK | PARCELS | {"orders.write_note", "refunds.receive_return"},
    Role.SUPPORT: {
        "orders.cancel_order",
        "orders.write_note",
        "accounts.change_user",
        "mail.resend_mail",
        "refunds.add_return",
        "refunds.decide_return",
        "refunds.request_refund",
    },
    Role.AUDITOR: BOOKS,
}

EVENTS = {"events.view_event", "events.view_webhooktarget", "events.view_webhookdelivery"}
OVERSIGHT = EVENTS | {
    "audit.view_auditentry",
    "audit.view_past",
    "ops.view_bookscheck",
    "procrastinate.view_procrastinatejob",
    "store.view_storesettings",
    "refunds.view_refundpolicy",
}
MAY_NOT_SEE = {
    Role.ADMIN: set(),
    Role.SUPERVISOR: {"accounts.view_rolegrant"},
    Role.OPERATIONS: OVERSIGHT | {"accounts.view_rolegrant", "mail.view_mail"},
    Role.LOGISTICS: OVERSIGHT
    | {
        "accounts.view_rolegrant",
        "accounts.view_user",
        "mail.view_mail",
        "payments.view_gatewayevent",
        "refunds.view_refund",
    },
    Role.SUPPORT: OVERSIGHT | {"accounts.view_rolegrant"},
    Role.AUDITOR: set(),
}


def is_view(right):
    return right.partition(".")[2].startswith("view_")


@pytest.mark.parametrize("role", Role)
def test_a_role_may_change_exactly_this(role):
    held = {right for right, holders in RIGHTS.items() if role in holders and not is_view(right)}

    assert held == MAY_CHANGE[role]


@pytest.mark.parametrize("role", Role)
def test_a_role_sees_all_but_this(role):
    hidden = {right for right, holders in RIGHTS.items() if role not in holders and is_view(right)}

    assert hidden == MAY_NOT_SEE[role]
