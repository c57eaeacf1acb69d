"""An order's papers in the back office: where they are, and who may print them."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from audit.services import record
from mdv.admin.base import BackOfficeAdmin
from mdv.backoffice.order_refunds import refunds_of
from mdv.http.pdf import pdf_answer
from mdv.kernel.errors import Conflict
from mdv.papers.paper import PrintedPaper
from refunds.models import Refund
from refunds.services import print_credit_note
from shop.orders.mail_links import PaperKind
from shop.orders.models import Order
from shop.orders.services import print_invoice
from shop.payments.services import print_receipt

RIGHT_TO_SEE_REFUNDS = "refunds.view_refund"
CREDIT_NOTE = "orders_order_credit_note"
View = Callable[[HttpRequest, str], HttpResponse]
PRINTERS: dict[PaperKind, Callable[..., PrintedPaper]] = {
    PaperKind.INVOICE: print_invoice,
    PaperKind.RECEIPT: print_receipt,
}


def papers_of(order: Order, *, may_see_refunds: bool) -> list[tuple[str, str]]:
    """Return name and address of each paper of the order; credit notes to who may see refunds."""
    found = []
    if hasattr(order, "invoice"):
        found.append((order.invoice.number, _url(order, PaperKind.INVOICE)))
    if order.captured_total:
        found.append(("Receipt", _url(order, PaperKind.RECEIPT)))
    if may_see_refunds:
        numbers = [
            one.credit_note.number for one in refunds_of(order) if hasattr(one, "credit_note")
        ]
        found += [
            (number, reverse(f"admin:{CREDIT_NOTE}", args=[order.pk, number]))
            for number in sorted(numbers)
        ]
    return found


def paper_paths(pages: BackOfficeAdmin) -> list[URLPattern]:
    """Return the addresses under which the papers are printed."""
    credit_note = path(
        "<int:object_id>/credit-notes/<str:number>.pdf",
        pages.admin_site.admin_view(_print_credit_note),
        name=CREDIT_NOTE,
    )
    return [
        credit_note,
        *(
            path(
                f"<path:object_id>/{paper}.pdf",
                pages.admin_site.admin_view(_printing(pages, paper)),
                name=f"orders_order_{paper}",
            )
            for paper in PRINTERS
        ),
    ]


def _print_credit_note(request: HttpRequest, object_id: int, number: str) -> HttpResponse:
    if not request.user.has_perm(RIGHT_TO_SEE_REFUNDS):
        raise PermissionDenied
    noted = Refund.objects.select_related("order").filter(credit_note__number=number)
    refund = get_object_or_404(noted, order__pk=object_id)
    printed = print_credit_note(refund=refund)
    record("printed", subject=refund.order, facts={"paper": printed.name})
    return pdf_answer(printed.content, name=printed.name)


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
