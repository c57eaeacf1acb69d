"""What of an order is on its way back, on the order's page."""

from django.utils.safestring import SafeString

from mdv.admin.show import show_choice, show_label, show_link, show_moment, show_table
from refunds.admin.pages import COLOURS
from refunds.states import ReturnState
from shop.orders.models import Order


def returns_shown(order: Order) -> SafeString | str:
    """Return a table of the order's returns, the newest first; nothing if there are none."""
    returns = list(order.returns.order_by("-id"))
    if not returns:
        return ""
    return show_table(
        ("Number", "State", "Why", "Asked for"),
        [
            (
                show_link("refunds_return", one.pk, one.number),
                show_label(show_choice(one.state), COLOURS[ReturnState(one.state)]),
                show_choice(one.reason),
                show_moment(one.requested_at),
            )
            for one in returns
        ],
        is_stacked=True,
    )
