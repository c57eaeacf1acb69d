"""The doors to papers about money."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from mdv.http.address import bucket
from mdv.http.pdf import PDF, PdfView, pdf_answer
from mdv.http.problems import answer, problem_for
from mdv.kernel import context
from mdv.kernel.errors import DomainError
from mdv.limits import services as limits
from mdv.papers.paper import PrintedPaper
from shop.orders.mail_links import PaperKind, read_link
from shop.orders.services import print_invoice
from shop.orders.views import TOKEN_PARAMETER, opened_order
from shop.payments import services

PRINTERS = {PaperKind.INVOICE: print_invoice, PaperKind.RECEIPT: services.print_receipt}


class ReceiptView(PdfView):
    permission_classes = (AllowAny,)
    refusals = {"GET": [services.NothingPaid]}

    @extend_schema(responses=PDF, parameters=[TOKEN_PARAMETER])
    def get(self, request: Request, number: str) -> HttpResponse:
        """Print what was paid for an order, when and how. Before anything is paid: 409."""
        paper = services.print_receipt(order=opened_order(request, number))
        return pdf_answer(paper.content, name=paper.name)


@require_safe
def paper_by_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Print the paper that a link from a mail opens."""
    return answer_link(request, lambda: _print(signed))


def answer_link(request: HttpRequest, printed: Callable[[], PrintedPaper]) -> HttpResponse:
    """Answer with the paper that a link opens. Printing takes a while, so it is limited."""
    limits.enforce("api", f"address:{bucket(context.current().address)}")
    try:
        paper = printed()
    except DomainError as exc:
        problem = problem_for(exc)
        if problem is None:
            raise
        return answer(request, problem)
    return pdf_answer(paper.content, name=paper.name)


def _print(signed: str) -> PrintedPaper:
    kind, order = read_link(signed)
    return PRINTERS[kind](order=order)
