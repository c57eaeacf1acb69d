"""The facts on an order's page, ready to be shown."""

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.show import (
    BAD,
    BUSY,
    CALM,
    GOOD,
    show_choice,
    show_label,
    show_link,
    show_moment,
    show_money,
    show_table,
)
from mdv.backoffice.order_as_it_was import past_url
from mdv.backoffice.order_chips import chips_of, status_label
from mdv.backoffice.order_missing import missing_shown
from mdv.backoffice.order_papers import papers_of
from mdv.backoffice.order_parcels import parcels_shown
from mdv.backoffice.order_parts import (
    lines_of,
    money_promised_back,
    name_of,
    payments_of,
    units_to_pack,
)
from mdv.backoffice.order_refunds import refunds_shown, units_refunded, why_so_much
from mdv.backoffice.order_returns import returns_shown
from mdv.backoffice.timeline import timeline_of
from mdv.kernel.money import ZERO
from refunds.services import owed_to_customer
from shop.orders.models import Order
from shop.orders.states import OrderStatus
from shop.payments.states import PaymentState

EARLIER_SHOWN = 5
OTHERS_COUNTED = 1_000
ADDRESS_PARTS = ("name", "phone", "street", "city", "state", "country")

RARE = frozenset(  # columns of the lines
    {"To pack", "Cancelled", "Shipped", "Delivered", "Returned", "Refunded", "Discount"}
)
STATE_COLOURS = {
    PaymentState.INITIATED: BUSY,
    PaymentState.CAPTURED: GOOD,
    PaymentState.FAILED: BAD,
    PaymentState.ABANDONED: CALM,
}


def facts_of(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the page shows, with a number of queries that does not grow with the order."""
    is_cut = any(line.qty_cancelled for line in lines_of(order))
    owed = owed_to_customer(order) if is_cut else ZERO
    return {
        "chips": chips_of(order, owed),
        "dates": _dates(order),
        "lines": _lines(order),
        "parcels": parcels_shown(request, order),
        "returns": returns_shown(order),
        "refunds": refunds_shown(request, order),
        "money": _money(order, owed),
        "missing": missing_shown(order),
        "why_so_much": why_so_much(order),
        "payments": _payments(order),
        "papers": papers_of(order, may_see_refunds=request.user.has_perm("refunds.view_refund")),
        "customer": _customer(order, may_see_people=request.user.has_perm("accounts.view_user")),
        "delivery": _delivery(order),
        "notes": order.notes.select_related("author").order_by("-id"),
        "earlier": [(show_order(other), status_label(other)) for other in _earlier(order)],
        "other_orders": _others(order),
        "timeline": timeline_of(request, order),
        "past_url": past_url(request, order),
    }


def show_order(order: Order) -> SafeString:
    """Return a link to an order's page."""
    return show_link("orders_order", order.pk, order.number)


def _dates(order: Order) -> list[tuple[str, str]]:
    moments = (
        ("Placed", order.created_at),
        ("To be paid before", order.expires_at),
        ("Confirmed", order.confirmed_at),
        ("Cancelled", order.cancelled_at),
        ("Fulfilled", order.fulfilled_at),
    )
    reason = f", {show_choice(order.cancel_reason).lower()}" if order.cancel_reason else ""
    return [
        (name, show_moment(moment) + (reason if name == "Cancelled" else ""))
        for name, moment in moments
        if moment is not None
    ]


def _lines(order: Order) -> SafeString:
    """Show the lines with their counts; of the rarer ones only those of which there is any."""
    to_pack = units_to_pack(order) if order.status == OrderStatus.CONFIRMED else {}
    refunded_units = units_refunded(order)
    rows = [
        {
            "SKU": show_link("catalog_variant", line.variant_id, line.sku),
            "What": name_of(line),
            "Ordered": line.quantity,
            "To pack": to_pack.get(line, ""),
            "Cancelled": line.qty_cancelled or "",
            "Shipped": line.qty_shipped or "",
            "Delivered": line.qty_delivered or "",
            "Returned": line.qty_returned or "",
            "Refunded": refunded_units.get(line.pk, ""),
            "Each": f"{line.unit_price:,.2f}",
            "Discount": f"{-line.discount:,.2f}" if line.discount else "",
            "Total": f"{line.total:,.2f}",
        }
        for line in lines_of(order)
    ]
    shown = [name for name in rows[0] if name not in RARE or any(row[name] for row in rows)]
    return show_table(
        shown,
        [[row[name] for name in shown] for row in rows],
        numbers=set(shown) - {"SKU", "What"},
        is_stacked=True,
    )


def _money(order: Order, owed: Decimal) -> list[tuple[str, str]]:
    def shown(amount: Decimal) -> str:
        return show_money(amount, order.currency)

    coupon = f" ({order.coupon})" if order.coupon else ""
    tax = "Tax, in the prices" if order.prices_include_tax else "Tax, added"
    rows = [("Items", shown(order.items_total))]
    if order.discount_total or order.coupon:
        rows.append((f"Discount{coupon}", shown(-order.discount_total)))
    rows += [
        ("Shipping", shown(order.shipping_total)),
        (tax, shown(order.tax_total)),
        ("Total", shown(order.total)),
        ("Paid", shown(order.captured_total)),
    ]
    promised = money_promised_back(order)
    if order.captured_total:
        rows += [
            ("Promised back", shown(promised - order.refunded_total)),
            ("Refunded", shown(order.refunded_total)),
            ("Refundable", shown(order.captured_total - promised)),
        ]
    if owed:
        rows.append(("Owed to the customer", shown(owed)))
    if order.taken_back_total:
        rows.append(("Taken back from outside", shown(order.taken_back_total)))
    written_off = order.write_offs.aggregate(sum=Coalesce(Sum("amount"), ZERO))["sum"]
    if written_off:
        rows.append(("Written off", shown(written_off)))
    rows.append(("Due", shown(order.due)))
    if order.excess:
        rows.append(("Overpaid by", shown(order.excess)))
    return rows


def _payments(order: Order) -> SafeString:
    return show_table(
        ("When", "How", "Reference", "State", "Amount"),
        [
            (
                show_moment(payment.captured_at or payment.created_at),
                show_choice(payment.channel or payment.provider),
                payment.reference,
                show_label(show_choice(payment.state), STATE_COLOURS[PaymentState(payment.state)]),
                f"{payment.captured or payment.amount:,.2f}",
            )
            for payment in payments_of(order)
        ],
        numbers={"Amount"},
        empty="No payment yet.",
        is_stacked=True,
    )


def _customer(order: Order, *, may_see_people: bool) -> list[str]:
    email = order.email if order.user_id else f"{order.email} (guest)"
    if order.user_id and may_see_people:
        email = show_link("accounts_user", order.user_id, order.email)
    return list(filter(None, [order.name, email, order.phone]))


def _delivery(order: Order) -> list[str]:
    address = [order.shipping_address.get(part, "") for part in ADDRESS_PARTS]
    ways = [show_choice(order.delivery_method), show_choice(order.payment_method)]
    return list(filter(None, [", ".join(ways), *address]))


def _earlier(order: Order) -> QuerySet[Order]:
    return _same_customers(order).order_by("-created_at", "-id")[:EARLIER_SHOWN]


def _others(order: Order) -> str:
    """Return how many other orders the customer has, as far as it is worth counting."""
    count = _same_customers(order)[: OTHERS_COUNTED + 1].count()
    return f"more than {OTHERS_COUNTED}" if count > OTHERS_COUNTED else str(count)


def _same_customers(order: Order) -> QuerySet[Order]:
    same = Q(user_id=order.user_id) if order.user_id else Q(user_id=None, email=order.email)
    return Order.objects.filter(same).exclude(pk=order.pk)
