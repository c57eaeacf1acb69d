"""Printing an order's invoice from what was written down when it was issued."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils import timezone

from mdv.kernel.errors import Conflict
from mdv.kernel.money import write_money
from mdv.papers.paper import Column, Paper, Party, PrintedPaper, Table, Total
from mdv.papers.printing import print_paper
from shop.orders.models import Invoice, Order, OrderLine

ADDRESS_PARTS = ("name", "street", "city", "state", "country", "phone")
COLUMNS = (
    Column(heading="Article", share=0.18),
    Column(heading="What", share=0.3),
    Column(heading="Units", share=0.08, is_number=True),
    Column(heading="Unit price", share=0.15, is_number=True),
    Column(heading="Discount", share=0.14, is_number=True),
    Column(heading="Amount", share=0.15, is_number=True),
)


class Parties(Protocol):
    """A paper about money that has written down who sold and who bought."""

    @property
    def seller_name(self) -> str: ...
    @property
    def seller_tax_id(self) -> str: ...
    @property
    def seller_address(self) -> str: ...
    @property
    def buyer_name(self) -> str: ...
    @property
    def buyer_email(self) -> str: ...
    @property
    def buyer_phone(self) -> str: ...
    @property
    def buyer_address(self) -> Any: ...


class NotInvoiced(Conflict):
    code = "not_invoiced"
    detail = "There is no invoice: it is issued when the order is confirmed."


def print_invoice(*, order: Order) -> PrintedPaper:
    """Print the order's invoice: the same bytes each time. Called outside of transactions.

    Raises:
        NotInvoiced: 409, the order was never confirmed.
    """
    invoice = Invoice.objects.select_related("order").filter(order=order).first()
    if invoice is None:
        raise NotInvoiced
    paper = invoice_paper(invoice, invoice.order.lines.order_by("position"))
    return PrintedPaper(name=f"{invoice.number}.pdf", content=print_paper(paper))


def invoice_paper(invoice: Invoice, lines: Iterable[OrderLine]) -> Paper:
    """Return what stands on an invoice. Only what no longer changes stands there."""
    order = invoice.order
    return Paper(
        title=f"Invoice {invoice.number}",
        facts=(
            ("Invoice", invoice.number),
            ("Date", write_day(invoice.issued_at)),
            ("Order", order.number),
            ("Ordered", write_day(order.created_at)),
        ),
        parties=parties_of(invoice),
        table=Table(columns=COLUMNS, rows=[_row(line, order.currency) for line in lines]),
        totals=_totals(order),
        notes=(invoice.footer,),
        foot=f"{invoice.number} · {invoice.seller_name}",
        author=invoice.seller_name,
    )


def write_day(moment: datetime) -> str:
    """Return the day by the store's clock: ``21 November 2026``."""
    day = timezone.localtime(moment)
    return f"{day.day} {day:%B %Y}"


def parties_of(paper: Parties) -> tuple[Party, Party]:
    """Return who sold and who bought, as a paper has written them down."""
    tax_id = f"Tax number: {paper.seller_tax_id}" if paper.seller_tax_id else ""
    address = [str(paper.buyer_address.get(part, "")) for part in ADDRESS_PARTS]
    buyer = [paper.buyer_name, *address, paper.buyer_phone, paper.buyer_email]
    return (
        Party(role="Seller", lines=(paper.seller_name, paper.seller_address, tax_id)),
        Party(role="Buyer", lines=tuple(dict.fromkeys(buyer))),  # each once
    )


def _row(line: OrderLine, currency: str) -> tuple[str, ...]:
    return (
        line.sku,
        "\n".join(filter(None, [line.title, " / ".join(line.options)])),
        str(line.quantity),
        write_money(line.unit_price, currency),
        write_money(-line.discount, currency) if line.discount else "",
        write_money(line.total, currency),
    )


def _totals(order: Order) -> list[Total]:
    def total(label: str, amount: Decimal, *, is_grand: bool = False) -> Total:
        return Total(label=label, amount=write_money(amount, order.currency), is_grand=is_grand)

    grand = total("Total", order.total, is_grand=True)
    rows = [total("Items", order.items_total)]
    if order.discount_total:
        rows.append(total("Discount", -order.discount_total))
    rows.append(total("Shipping", order.shipping_total))
    if order.prices_include_tax:
        return [*rows, grand, total("Tax, in the total", order.tax_total)]
    return [*rows, total("Tax", order.tax_total), grand]
