"""What of an order's money goes back, on the order's page, and why no more can."""

from typing import Any, cast

from django.contrib.admin import site
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mdv.admin.actions import BACK
from mdv.admin.base import BackOfficeAdmin
from mdv.admin.show import show_link, show_money, show_table
from mdv.backoffice.order_parts import payments_of
from mdv.kernel.money import ZERO
from refunds.admin.refund_parts import lines_of, say_parts, state_label
from refunds.models import Refund
from refunds.states import COMMITTED, RefundState
from shop.orders.models import Order
from shop.payments.states import Provider


def refunds_of(order: Order) -> list[Refund]:
    """Return the order's refunds with their lines, the newest first, read once."""
    refunds = Refund.objects.with_lines().with_exception().order_by("-id")
    prefetch_related_objects([order], Prefetch("refunds", refunds, to_attr="refunds_in_order"))
    return order.refunds_in_order  # type: ignore[attr-defined]


def refunds_shown(request: HttpRequest, order: Order) -> SafeString | str:
    """Return a table of the order's refunds with what may be done next.

    Nothing where there are none, or for who may not see them.
    """
    refunds = refunds_of(order)
    pages = cast("BackOfficeAdmin", site.get_model_admin(Refund))
    if not refunds or not pages.has_view_permission(request):
        return ""
    back = urlencode({BACK: reverse("admin:orders_order_change", args=[order.pk])})
    return show_table(
        ("Number", "For", "State", "Amount", "Next"),
        [
            (
                show_link("refunds_refund", refund.pk, refund.number),
                say_parts(refund),
                state_label(refund),
                f"{refund.amount:,.2f}",
                _buttons(pages.open_actions(request, refund), back),
            )
            for refund in refunds
        ],
        numbers={"Amount"},
        is_stacked=True,
    )


def units_refunded(order: Order) -> dict[int, int]:
    """Return of each line how many units are refunded or promised to be, where there are any."""
    units: dict[int, int] = {}
    for refund in refunds_of(order):
        if refund.state in COMMITTED:
            for line in lines_of(refund):
                units[line.order_line_id] = units.get(line.order_line_id, 0) + line.quantity
    return {line_id: count for line_id, count in units.items() if count}


def why_so_much(order: Order) -> list[str]:
    """Explain what may still go back: payment by payment, and what waits or went wrong."""
    told = [
        f"{Provider(payment.provider).label} {payment.reference}: "
        f"{show_money(payment.captured, payment.currency)} captured, "
        f"{show_money(payment.refund_committed, payment.currency)} of it promised back or gone, "
        f"{show_money(payment.captured - payment.refund_committed, payment.currency)} refundable."
        for payment in payments_of(order)
        if payment.captured
    ]
    failed = [one for one in refunds_of(order) if one.state == RefundState.FAILED]
    if failed:
        lost = show_money(sum((one.amount for one in failed), ZERO), order.currency)
        told.append(f"{lost} failed to go back: it is refundable again, and may be tried again.")
    return told


def _buttons(buttons: list[dict[str, Any]], back: str) -> SafeString:
    return format_html_join(
        " ",
        '<a class="mdv-link" href="{}?{}">{}</a>',
        ((button["url"], back, button["label"]) for button in buttons),
    )
