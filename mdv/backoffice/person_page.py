"""The facts on a person's page that other rooms know: what they ordered, where it goes."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mdv.accounts.models import User
from mdv.admin.show import show_moment, show_money, show_table
from mdv.backoffice.order_chips import payment_label, status_label
from mdv.backoffice.order_page import show_order
from shop.orders.models import Order

ORDERS_SHOWN = 10


def show_orders(user: User) -> SafeString:
    """Show the latest orders, and the way to all of them when there are more."""
    newest = Order.objects.visible_to(user.pk).order_by("-created_at", "-id")
    orders = list(newest[: ORDERS_SHOWN + 1])
    table = show_table(
        ("Number", "Placed", "Status", "Payment", "Total"),
        [
            (
                show_order(order),
                show_moment(order.created_at),
                status_label(order),
                payment_label(order),
                show_money(order.total, order.currency),
            )
            for order in orders[:ORDERS_SHOWN]
        ],
        numbers={"Total"},
        empty="No orders yet.",
    )
    if len(orders) <= ORDERS_SHOWN:
        return table
    everything = f"{reverse('admin:orders_order_changelist')}?{urlencode({'q': user.email})}"
    return format_html('{}<a class="mdv-link" href="{}">All orders</a>', table, everything)


def show_addresses(user: User) -> SafeString:
    """Show the address book; the service keeps it short."""
    addresses = user.addresses.order_by("-is_default", "created_at", "pk")
    return show_table(
        ("Name", "Phone", "Address", ""),
        [
            (
                address.name,
                address.phone,
                ", ".join(
                    filter(None, (address.street, address.city, address.state, address.country))
                ),
                "default" if address.is_default else address.label,
            )
            for address in addresses
        ],
        empty="No addresses kept.",
    )
