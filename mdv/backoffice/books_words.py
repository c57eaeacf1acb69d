"""How the back office tells of the books: words, colours, and where each thing has its page."""

from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString

from mdv.admin.show import BAD, BUSY, GOOD, show_label, show_link, show_moment
from mdv.ops.health import NOT_CHECKED, OVERDUE
from mdv.ops.invariants import INVARIANTS, About, Level, Row
from mdv.ops.models import HOLDS, BooksCheck, BooksStatus, Compensation, Finding

BOOKS_WORDS = {
    NOT_CHECKED: "Not checked yet",
    OVERDUE: "Not checked for days",
    BooksStatus.OK: "Balanced",
    BooksStatus.AGEING: "Something waits",
    BooksStatus.UNBALANCED: "Unbalanced",
}
BOOKS_COLOURS = {
    NOT_CHECKED: BUSY,
    OVERDUE: BAD,
    BooksStatus.OK: GOOD,
    BooksStatus.AGEING: BUSY,
    BooksStatus.UNBALANCED: BAD,
}
COLOURS = {HOLDS: GOOD, Level.AMBER: BUSY, Level.RED: BAD}
BY_NIGHT = "the nightly job"
SENTENCES = {invariant.number: invariant.sentence for invariant in INVARIANTS}
# Whose page tells more; what is not here has no page.
PAGE_OF = {
    About.STOCK: "stock_stockitem",
    About.LEDGER: "stock_stockitem",
    About.VARIANT: "catalog_variant",
    About.ORDER: "orders_order",
    About.PAYMENT: "orders_order",
    About.REFUND: "refunds_refund",
    About.REFUNDS: "orders_order",
    About.GOODS: "orders_order",
    About.RETURN: "refunds_return",
    About.RECEIPTS: "refunds_return",
    About.PARCEL: "fulfilment_shipment",
    About.COUPON: "pricing_coupon",
    About.INVOICE: "orders_order",
    About.CREDIT_NOTE: "refunds_refund",
    About.EVENT: "orders_order",
    About.ENTRY: "audit_auditentry",
}


def say_found(found: Finding) -> SafeString:
    """Return how an invariant stands as a coloured label."""
    words = {
        HOLDS: "Holds",
        Level.AMBER: f"{found.count} waiting",
        Level.RED: f"{found.count} wrong",
    }
    return show_label(words[found.status], COLOURS[found.status])


def show_about(about: str, object_id: int | None, what: str) -> SafeString | str:
    """Return the name of what a row is about, as a link where it has a page."""
    page = PAGE_OF.get(About(about))
    return show_link(page, object_id, what) if page and object_id else what


def show_row(row: Row) -> SafeString | str:
    """Return the name of what a row is about, as a link where it has a page."""
    return show_about(row.about, row.object_id, row.what)


def say_when(check: BooksCheck) -> str:
    """Say when the books were checked and who asked for it."""
    return f"{show_moment(check.checked_at)}, asked for by {check.asked_by or BY_NIGHT}"


def rows_of(compensations: Iterable[Compensation]) -> list[tuple[Any, ...]]:
    """Return what was put right, as rows of a table."""
    return [
        (
            show_moment(made.made_at),
            show_about(made.about, made.object_id, made.what),
            made.figures,
            made.reason,
            made.actor_label,
            made.number,
        )
        for made in compensations
    ]
