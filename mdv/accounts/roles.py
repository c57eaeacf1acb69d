"""Who may do what: the one table.

Roles are Django groups, made by a migration; what a role may do is said here and nowhere else, so
that no row in a database can quietly widen it. Rights are ``app_label.verb_model``, Django's
words. The tests hold every admin page and every route against this table.
"""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    OPERATIONS = "operations"
    LOGISTICS = "logistics"
    SUPPORT = "support"
    AUDITOR = "auditor"


EVERYONE = frozenset(Role)
LEADS = frozenset({Role.ADMIN, Role.SUPERVISOR})
SELLERS = LEADS | {Role.OPERATIONS}
STOREKEEPERS = SELLERS | {Role.LOGISTICS}
CLERKS = SELLERS | {Role.SUPPORT}
READERS = CLERKS | {Role.AUDITOR}
WATCHERS = LEADS | {Role.AUDITOR}

RIGHTS: dict[str, frozenset[Role]] = {
    # People
    "accounts.view_user": READERS,
    "accounts.change_user": LEADS | {Role.SUPPORT},
    "accounts.add_user": frozenset({Role.ADMIN}),
    "accounts.grant_role": frozenset({Role.ADMIN}),
    "accounts.close_account": frozenset({Role.ADMIN}),
    "accounts.view_rolegrant": frozenset({Role.ADMIN, Role.AUDITOR}),
    # Catalogue and stock
    "catalog.view_category": EVERYONE,
    "catalog.add_category": SELLERS,
    "catalog.change_category": SELLERS,
    "catalog.delete_category": SELLERS,
    "catalog.view_product": EVERYONE,
    "catalog.add_product": SELLERS,
    "catalog.change_product": SELLERS,
    "catalog.delete_product": SELLERS,
    "catalog.view_variant": EVERYONE,
    "catalog.add_variant": SELLERS,
    "catalog.change_variant": SELLERS,
    "catalog.delete_variant": SELLERS,
    "catalog.view_productimage": EVERYONE,
    "catalog.add_productimage": SELLERS,
    "catalog.change_productimage": SELLERS,
    "catalog.delete_productimage": SELLERS,
    "stock.view_stockitem": EVERYONE,
    "stock.receive_stock": STOREKEEPERS,
    "stock.adjust_stock": STOREKEEPERS,
    "stock.view_stocktake": EVERYONE,
    "stock.add_stocktake": STOREKEEPERS,
    # Prices
    "pricing.view_coupon": EVERYONE,
    "pricing.add_coupon": LEADS,
    "pricing.change_coupon": LEADS,
    "pricing.delete_coupon": LEADS,
    "pricing.view_shippingzone": EVERYONE,
    "pricing.add_shippingzone": LEADS,
    "pricing.change_shippingzone": LEADS,
    "pricing.delete_shippingzone": LEADS,
    "pricing.view_taxrate": EVERYONE,
    "pricing.add_taxrate": LEADS,
    "pricing.change_taxrate": LEADS,
    "pricing.delete_taxrate": LEADS,
    # Orders and money
    "orders.view_order": EVERYONE,
    "orders.view_orderline": EVERYONE,
    "orders.confirm_order": SELLERS,
    "orders.cancel_order": CLERKS,
    "orders.cancel_confirmed_order": SELLERS,
    "orders.accept_missing": LEADS,
    "orders.write_note": EVERYONE - {Role.AUDITOR},
    "payments.view_payment": EVERYONE,
    "payments.record_payment": SELLERS,
    "payments.view_gatewayevent": READERS,
    "payments.settle_exception": SELLERS,
    # Parcels
    "fulfilment.view_shipment": EVERYONE,
    "fulfilment.add_shipment": STOREKEEPERS,
    "fulfilment.ship_shipment": STOREKEEPERS,
    # Returns
    "refunds.view_return": EVERYONE,
    "refunds.add_return": CLERKS,
    "refunds.decide_return": CLERKS,
    "refunds.receive_return": STOREKEEPERS,
    # Money that goes back; how much of it is in refunds.RefundPolicy
    "refunds.view_refund": READERS,
    "refunds.request_refund": CLERKS,
    "refunds.approve_refund": LEADS,
    "refunds.refund_without_return": LEADS,
    "refunds.write_off": LEADS,
    "refunds.view_refundpolicy": WATCHERS,
    "refunds.change_refundpolicy": frozenset({Role.ADMIN}),
    # Oversight
    "audit.view_auditentry": WATCHERS,
    "audit.view_past": WATCHERS,
    "events.view_event": WATCHERS,
    "events.view_webhooktarget": WATCHERS,
    "events.view_webhookdelivery": WATCHERS,
    "events.manage_webhooktarget": frozenset({Role.ADMIN}),
    "mail.view_mail": WATCHERS | {Role.SUPPORT},
    "mail.resend_mail": LEADS | {Role.SUPPORT},
    "ops.view_bookscheck": WATCHERS,
    "ops.check_books": WATCHERS,
    "ops.compensate_books": frozenset({Role.ADMIN}),
    "procrastinate.view_procrastinatejob": WATCHERS,
    "jobs.retry_job": LEADS,
    "store.view_storesettings": WATCHERS,
    "store.change_storesettings": frozenset({Role.ADMIN}),
}


def may(roles: frozenset[Role], right: str) -> bool:
    """Tell whether someone with `roles` holds `right`. A right that is not listed is nobody's."""
    return bool(RIGHTS.get(right, frozenset()) & roles)


def may_see_app(roles: frozenset[Role], app_label: str) -> bool:
    """Tell whether `roles` hold any right in the app, so that menus show it."""
    return any(
        right.startswith(f"{app_label}.") and holders & roles for right, holders in RIGHTS.items()
    )
