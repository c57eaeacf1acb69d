"""Printing the credit note of a refund from what was written down when it was issued."""

from collections.abc import Iterable

from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO, write_money
from mdv.papers.paper import Column, Paper, PrintedPaper, Table, Total
from mdv.papers.printing import print_paper
from refunds.models import CreditNote, Refund, RefundLine
from shop.orders.services.print_invoice import parties_of, write_day

COLUMNS = (
    Column(heading="Article", share=0.2),
    Column(heading="What", share=0.5),
    Column(heading="Units", share=0.1, is_number=True),
    Column(heading="Amount", share=0.2, is_number=True),
)


class NoCreditNote(Conflict):
    code = "no_credit_note"
    detail = "There is no credit note yet: it is issued once the money has gone."


def print_credit_note(*, refund: Refund) -> PrintedPaper:
    """Print a refund's credit note: the same bytes each time. Called outside of transactions.

    Raises:
        NoCreditNote: 409, no money has gone.
    """
    notes = CreditNote.objects.select_related("refund__order", "refund__payment")
    note = notes.filter(refund=refund).first()
    if note is None:
        raise NoCreditNote
    lines = note.refund.lines.select_related("order_line").order_by("order_line__position", "id")
    paper = credit_note_paper(note, lines)
    return PrintedPaper(name=f"{note.number}.pdf", content=print_paper(paper))


def credit_note_paper(note: CreditNote, lines: Iterable[RefundLine]) -> Paper:
    """Return what stands on a credit note. Only what no longer changes stands there."""
    refund = note.refund
    return Paper(
        title=f"Credit note {note.number}",
        facts=(
            ("Credit note", note.number),
            ("Date", write_day(note.issued_at)),
            ("Order", refund.order.number),
            ("Refund", refund.number),
            ("Payment", refund.payment.reference),
        ),
        parties=parties_of(note),
        table=Table(columns=COLUMNS, rows=_rows(refund, lines)),
        totals=_totals(refund, lines),
        notes=(note.footer,),
        foot=f"{note.number} · {note.seller_name}",
        author=note.seller_name,
    )


def _rows(refund: Refund, lines: Iterable[RefundLine]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (
            line.order_line.sku,
            "\n".join(filter(None, [line.order_line.title, " / ".join(line.order_line.options)])),
            str(line.quantity or ""),
            write_money(line.amount, refund.currency),
        )
        for line in lines
    ]
    for what, amount in (("Shipping", refund.shipping), ("Goodwill", refund.goodwill)):
        if amount:
            rows.append(("", what, "", write_money(amount, refund.currency)))
    return rows


def _totals(refund: Refund, lines: Iterable[RefundLine]) -> list[Total]:
    amount = write_money(refund.amount, refund.currency)
    totals = [Total(label="Given back", amount=amount, is_grand=True)]
    tax = sum((line.tax for line in lines), ZERO)
    if tax:
        written = write_money(tax, refund.currency)
        totals.append(Total(label="Tax of the articles, in it", amount=written, is_grand=False))
    return totals
