"""The doors to refunds for those whose money it is, and to the papers about them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.services import record
from mdv.accounts.authentication import OwnRequest
from mdv.http.pdf import PDF, PdfView, pdf_answer
from mdv.http.permissions import may
from refunds import services
from refunds.mail_links import read_link_to_credit_note
from refunds.models import Refund
from refunds.serializers.refunds import RefundOut
from shop.orders.views import TOKEN_PARAMETER, opened_order
from shop.payments.views.papers import answer_link


class OwnRefundsView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="orders_refunds_list",
        responses=RefundOut(many=True),
        parameters=[TOKEN_PARAMETER],
    )
    def get(self, request: Request, number: str) -> Response:
        """List what was given back of an order, or is on its way, the oldest first.

        What nobody in the shop has agreed to yet is not among it.
        """
        order = opened_order(request, number)
        refunds = Refund.objects.told().filter(order=order)
        found = refunds.select_related("order", "credit_note").order_by("requested_at", "id")
        return Response(RefundOut(found, many=True).data)


class CreditNoteView(PdfView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="orders_credit_notes_retrieve", responses=PDF, parameters=[TOKEN_PARAMETER]
    )
    def get(self, request: Request, number: str, note: str) -> HttpResponse:
        """Print a credit note of an order: what was given back, of what, and when."""
        order = opened_order(request, number)
        refund = get_object_or_404(Refund.objects.all(), order=order, credit_note__number=note)
        paper = services.print_credit_note(refund=refund)
        return pdf_answer(paper.content, name=paper.name)


@require_safe
def credit_note_by_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Print the credit note that a link from a mail opens."""
    return answer_link(
        request,
        lambda: services.print_credit_note(refund=read_link_to_credit_note(signed)),
    )


class StaffCreditNoteView(PdfView):
    permission_classes = (may("refunds.view_refund"),)
    refusals = {"GET": [services.NoCreditNote]}

    @extend_schema(operation_id="staff_refunds_credit_note_retrieve", responses=PDF)
    def get(self, request: OwnRequest, number: str) -> HttpResponse:
        """Print a refund's credit note for staff. Printing is recorded."""
        refund = get_object_or_404(Refund.objects.all(), number=number)
        paper = services.print_credit_note(refund=refund)
        record("printed", subject=refund, facts={"paper": paper.name})
        return pdf_answer(paper.content, name=paper.name)
