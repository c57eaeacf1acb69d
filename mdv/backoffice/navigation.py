"""The menu: what people look for, in the order of a working day. It hides what is not theirs."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy


def item(title: str, icon: str, page: str, right: str, *, without: str = "") -> dict[str, Any]:
    """Return one entry of the menu, shown to those who hold `right`.

    It is lit on its page and those below it, apart from `without`, a page with an entry of its own.
    """
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}"),
        "permission": holds(right),
        "active": lambda request: (
            _is_below(request, page) and not (without and _is_below(request, without))
        ),
    }


def _is_below(request: HttpRequest, page: str) -> bool:
    return request.path.startswith(reverse(f"admin:{page}"))


def holds(right: str) -> Callable[[HttpRequest], bool]:
    """Return the question whether a request's person holds `right`."""
    return lambda request: request.user.has_perm(right)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu."""
    return [
        {
            "items": [
                {"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")},
                item("Orders", "receipt_long", "orders_order_changelist", "orders.view_order"),
                item(
                    "Parcels",
                    "local_shipping",
                    "fulfilment_shipment_changelist",
                    "fulfilment.view_shipment",
                ),
                item(
                    "Returns",
                    "assignment_return",
                    "refunds_return_changelist",
                    "refunds.view_return",
                ),
                item(
                    "Refunds",
                    "currency_exchange",
                    "refunds_refund_changelist",
                    "refunds.view_refund",
                    without="refunds_refund_approvals",
                ),
                item(
                    "Approvals",
                    "approval",
                    "refunds_refund_approvals",
                    "refunds.approve_refund",
                ),
                item(
                    "Payment exceptions",
                    "report",
                    "payments_gatewayevent_changelist",
                    "payments.view_gatewayevent",
                ),
                item("People", "group", "accounts_user_changelist", "accounts.view_user"),
            ]
        },
        {
            "title": "Catalogue",
            "items": [
                item("Products", "sell", "catalog_product_changelist", "catalog.view_product"),
                item(
                    "Categories",
                    "category",
                    "catalog_category_changelist",
                    "catalog.view_category",
                ),
                item(
                    "Stock items",
                    "inventory_2",
                    "stock_stockitem_changelist",
                    "stock.view_stockitem",
                ),
                item(
                    "Stock-takes",
                    "inventory",
                    "stock_stocktake_changelist",
                    "stock.view_stocktake",
                ),
            ],
        },
        {
            "title": "Prices",
            "items": [
                item("Coupons", "redeem", "pricing_coupon_changelist", "pricing.view_coupon"),
                item(
                    "Shipping zones",
                    "map",
                    "pricing_shippingzone_changelist",
                    "pricing.view_shippingzone",
                ),
                item("Tax rates", "percent", "pricing_taxrate_changelist", "pricing.view_taxrate"),
                item(
                    "Refund limits",
                    "price_check",
                    "refunds_refundpolicy_changelist",
                    "refunds.view_refundpolicy",
                ),
            ],
        },
        {
            "title": "Oversight",
            "items": [
                item("Books", "balance", "ops_bookscheck_changelist", "ops.view_bookscheck"),
                item(
                    "Audit entries",
                    "history",
                    "audit_auditentry_changelist",
                    "audit.view_auditentry",
                ),
                item("Events", "bolt", "events_event_changelist", "events.view_event"),
                item(
                    "Webhooks",
                    "webhook",
                    "events_webhooktarget_changelist",
                    "events.view_webhooktarget",
                ),
                item(
                    "Webhook deliveries",
                    "outbox",
                    "events_webhookdelivery_changelist",
                    "events.view_webhookdelivery",
                ),
                item("Mails", "mail", "mail_mail_changelist", "mail.view_mail"),
                item(
                    "Failed jobs",
                    "running_with_errors",
                    "procrastinate_procrastinatejob_changelist",
                    "procrastinate.view_procrastinatejob",
                ),
                item(
                    "Store settings",
                    "settings",
                    "store_storesettings_changelist",
                    "store.view_storesettings",
                ),
            ],
        },
    ]
