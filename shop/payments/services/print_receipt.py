"""Printing a receipt: what was paid for an order, when and how."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from mdv.kernel.errors import Conflict
from mdv.kernel.money import write_money
from mdv.papers.paper import Column, Paper, Party, PrintedPaper, Table, Total
from mdv.papers.printing import print_paper
from mdv.store.models import StoreSettings
from mdv.store.services import store_settings
from shop.orders.models import Order
from shop.orders.services.print_invoice import write_day
from shop.payments.models import Payment
from shop.payments.states import PaymentState

COLUMNS = (
    Column(heading="Paid on", share=0.28),
    Column(heading="How", share=0.2),
    Column(heading="Reference", share=0.32),
    Column(heading="Amount", share=0.2, is_number=True),
)


class NothingPaid(Conflict):
    code = "nothing_paid"
    detail = "There is no receipt: nothing has been paid yet."


def print_receipt(*, order: Order) -> PrintedPaper:
    """Print what has arrived for the order so far. Called outside of transactions.

    Raises:
        NothingPaid: 409, no money has arrived.
    """
    payments = order.payments.filter(state=PaymentState.CAPTURED).order_by("captured_at", "id")
    paid = list(payments)
    if not paid:
        raise NothingPaid
    paper = receipt_paper(order, paid, store_settings())
    return PrintedPaper(name=f"receipt-{order.number}.pdf", content=print_paper(paper))


def receipt_paper(order: Order, payments: Sequence[Payment], store: StoreSettings) -> Paper:
    """Return what stands on a receipt."""
    seller = store.legal_name or settings.STORE_NAME
    tax_id = f"Tax number: {store.tax_id}" if store.tax_id else ""
    return Paper(
        title=f"Receipt for order {order.number}",
        facts=(("Order", order.number), ("Ordered", write_day(order.created_at))),
        parties=(
            Party(role="Received by", lines=(seller, store.address, tax_id)),
            Party(role="Paid for", lines=(order.name, order.email)),
        ),
        table=Table(columns=COLUMNS, rows=[_row(payment) for payment in payments]),
        totals=_totals(order),
        foot=f"Receipt for {order.number} · {seller}",
        author=seller,
    )


def _row(payment: Payment) -> tuple[str, ...]:
    how = payment.channel or payment.provider
    return (
        _write_moment(payment.captured_at or payment.created_at),
        how.replace("_", " ").capitalize(),
        payment.reference,
        write_money(payment.captured, payment.currency),
    )


def _write_moment(moment: datetime) -> str:
    return f"{write_day(moment)}, {timezone.localtime(moment):%H:%M}"


def _totals(order: Order) -> list[Total]:
    amounts = {
        "Order total": order.total,
        "Paid": order.captured_total,
        "Refunded": order.refunded_total,
        "Still due": order.due,
    }
    return [
        Total(
            label=label,
            amount=write_money(amount, order.currency),
            is_grand=label == "Paid",
        )
        for label, amount in amounts.items()
        if amount or label in ("Order total", "Paid")
    ]
