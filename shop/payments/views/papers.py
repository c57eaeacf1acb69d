"""The doors to papers about money."""

from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from mdv.http.pdf import PDF, PdfView, pdf_answer
from shop.orders.views import TOKEN_PARAMETER, opened_order
from shop.payments import services


class ReceiptView(PdfView):
    permission_classes = (AllowAny,)
    own_refusals = (HTTPStatus.CONFLICT,)

    @extend_schema(responses=PDF, parameters=[TOKEN_PARAMETER])
    def get(self, request: Request, number: str) -> HttpResponse:
        """Print what was paid for an order, when and how. Before anything is paid: 409."""
        paper = services.print_receipt(order=opened_order(request, number))
        return pdf_answer(paper.content, name=paper.name)
