"""The same step for many parcels, and papers about many of them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.services import record
from mdv.accounts.authentication import OwnRequest
from mdv.http.filters import check_parameters
from mdv.http.parameters import refuse_parameter
from mdv.http.pdf import PDF, PdfView, pdf_answer
from mdv.http.permissions import may
from mdv.idempotency.doors import KEY_PARAMETER, in_two_steps
from mdv.kernel import clock
from mdv.kernel.errors import NotFound
from shop.fulfilment import services
from shop.fulfilment.models import Shipment
from shop.fulfilment.serializers import BulkIn, BulkOut
from shop.fulfilment.services import BulkRow, BulkStep, Outcome, RowOutcome

NUMBERS = "numbers"
NAME_OF_BULK = "bulk"


class BulkView(APIView):
    permission_classes = (may("fulfilment.ship_shipment"),)

    @extend_schema(request=BulkIn, responses=BulkOut, parameters=[KEY_PARAMETER])
    def post(self, request: Request) -> HttpResponse:
        """Take one step for up to 100 parcels, each by itself, with an outcome for each.

        The step `pack` opens a parcel for everything that is open of an order. A refused row
        keeps no other. Sent again, what is done stays as it is. With `preview` nothing happens.
        """
        checked = BulkIn(data=request.data)
        checked.is_valid(raise_exception=True)
        sent = checked.validated_data
        if sent["preview"]:
            return Response(self._run(sent))
        return in_two_steps(
            request, begin=lambda: NAME_OF_BULK, finish=lambda _: Response(self._run(sent))
        )

    def _run(self, sent: dict[str, Any]) -> Any:
        outcomes = services.bulk_change(
            step=BulkStep(sent["step"]),
            rows=[BulkRow(**row) for row in sent["rows"]],
            at=clock.now(),
            preview=sent["preview"],
        )
        return BulkOut({**summary(outcomes), "preview": sent["preview"]}).data


def summary(outcomes: Sequence[RowOutcome]) -> dict[str, Any]:
    """Return the outcomes of a bulk change, counted and one by one."""
    found = [outcome.outcome for outcome in outcomes]
    return {
        **{outcome.value: found.count(outcome) for outcome in Outcome},
        "rows": [asdict(outcome) for outcome in outcomes],
    }


class PackingSlipView(PdfView):
    permission_classes = (may("fulfilment.view_shipment"),)
    refusals = {"GET": [services.GivenUp]}

    @extend_schema(operation_id="staff_shipments_packing_slip_retrieve", responses=PDF)
    def get(self, request: OwnRequest, number: str) -> HttpResponse:
        """Print what lies in a parcel. Printing is recorded."""
        paper = services.print_packing_slip(number=number)
        record(
            "printed",
            subject=Shipment.objects.get(number=number),
            facts={"paper": paper.name},
        )
        return pdf_answer(paper.content, name=paper.name)


class PickListView(PdfView):
    permission_classes = (may("fulfilment.view_shipment"),)
    refusals = {"GET": [services.NothingToPick, NotFound]}

    @extend_schema(
        operation_id="staff_shipments_pick_list_retrieve",
        responses=PDF,
        parameters=[
            OpenApiParameter(
                NUMBERS,
                str,
                description="Parcels, with commas between them, 100 at most. Left out: the oldest "
                "that are being packed.",
            )
        ],
    )
    def get(self, request: OwnRequest) -> HttpResponse:
        """Print what to fetch from the shelves for many parcels, by article, with sums."""
        check_parameters(request, {NUMBERS})
        named = request.query_params.get(NUMBERS, "")
        numbers = [number for number in named.split(",") if number]
        if len(numbers) > services.MAX_PARCELS or "\0" in named:
            raise refuse_parameter(NUMBERS, f"At most {services.MAX_PARCELS} numbers.")
        paper = services.print_pick_list(numbers=numbers, at=clock.now())
        return pdf_answer(paper.content, name=paper.name)
