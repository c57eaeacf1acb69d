"""An order's papers in the back office: where they are, and who may print them."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from audit.services import record
from mdv.admin.base import BackOfficeAdmin
from mdv.http.pdf import pdf_answer
from mdv.kernel.errors import Conflict
from mdv.papers.paper import PrintedPaper
from shop.orders.mail_links import PaperKind
from shop.orders.models import Order
from shop.orders.services import print_invoice
from shop.payments.services import print_receipt

View = Callable[[HttpRequest, str], HttpResponse]
PRINTERS: dict[PaperKind, Callable[..., PrintedPaper]] = {
    PaperKind.INVOICE: print_invoice,
    PaperKind.RECEIPT: print_receipt,
}


def papers_of(order: Order) -> list[tuple[str, str]]:
    """Return name and address of each paper that the order has."""
    found = []
    if hasattr(order, "invoice"):
        found.append((order.invoice.number, _url(order, PaperKind.INVOICE)))
    if order.captured_total:
        found.append(("Receipt", _url(order, PaperKind.RECEIPT)))
    return found


def paper_paths(pages: BackOfficeAdmin) -> list[URLPattern]:
    """Return the addresses under which the papers are printed."""
    return [
        path(
            f"<path:object_id>/{paper}.pdf",
            pages.admin_site.admin_view(_printing(pages, paper)),
            name=f"orders_order_{paper}",
        )
        for paper in PRINTERS
    ]


def _printing(pages: BackOfficeAdmin, paper: PaperKind) -> View:
    def view(request: HttpRequest, object_id: str) -> HttpResponse:
        if not pages.has_view_permission(request):
            raise PermissionDenied
        order = pages.get_object(request, object_id)
        if order is None:
            raise Http404
        try:
            printed = PRINTERS[paper](order=order)
        except Conflict:  # a link that was made up: the page shows those that lead somewhere
            raise Http404 from None
        record("printed", subject=order, facts={"paper": printed.name})
        return pdf_answer(printed.content, name=printed.name)

    return view


def _url(order: Order, paper: PaperKind) -> str:
    return reverse(f"admin:orders_order_{paper}", args=[order.pk])
