"""One step for many parcels: what would happen, then what did, row by row.

No nonce is needed: a row that was done is found as it is when the form comes again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from mdv.admin.fields import line_field, tick_field
from mdv.admin.show import BAD, CALM, GOOD, show_choice, show_label, show_table
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.admin.actions import RIGHT_TO_SHIP
from shop.fulfilment.models import MAX_CARRIER_LENGTH, MAX_TRACKING_LENGTH
from shop.fulfilment.services import MAX_ROWS, BulkRow, BulkStep, Outcome, RowOutcome

if TYPE_CHECKING:
    from mdv.admin.base import BackOfficeAdmin

MAX_NUMBER_LENGTH = 24
MAX_LENGTH = MAX_ROWS * (MAX_NUMBER_LENGTH + MAX_TRACKING_LENGTH + 3)
LABELS = {
    BulkStep.PACK: "Pack orders",
    BulkStep.READY: "Parcels are ready",
    BulkStep.DISPATCH: "Dispatch parcels",
    BulkStep.IN_TRANSIT: "Parcels are in transit",
    BulkStep.DELIVER: "Parcels are delivered",
    BulkStep.RETURNED: "Parcels came back",
    BulkStep.CANCEL: "Give parcels up",
}
COLOURS = {Outcome.DONE: GOOD, Outcome.UNCHANGED: CALM, Outcome.REFUSED: BAD}
WOULD = {Outcome.DONE: "Possible", Outcome.UNCHANGED: "Done already", Outcome.REFUSED: "Refused"}
DID = {Outcome.DONE: "Done", Outcome.UNCHANGED: "Done already", Outcome.REFUSED: "Refused"}


class BulkForm(forms.Form):
    """Numbers, one a line; to dispatch, each with its tracking number behind it."""

    numbers = forms.CharField(
        label="Numbers",
        max_length=MAX_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        help_text=f"One a line, {MAX_ROWS} at most.",
    )

    def clean_numbers(self) -> list[tuple[str, str]]:
        """Return each number with what stands behind it."""
        lines = [line.split(maxsplit=1) for line in self.cleaned_data["numbers"].splitlines()]
        rows = [(line[0].upper(), " ".join(line[1:])) for line in lines if line]
        if len(rows) > MAX_ROWS:
            raise forms.ValidationError(f"At most {MAX_ROWS}.", code="max_length")
        if any(len(more) > MAX_TRACKING_LENGTH for _, more in rows):
            message = f"A tracking number has at most {MAX_TRACKING_LENGTH} characters."
            raise forms.ValidationError(message, code="max_length")
        return rows


class DispatchBulkForm(BulkForm):
    carrier = line_field("Carrier", max_length=MAX_CARRIER_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "numbers"
        ].help_text = (
            f"One a line, {MAX_ROWS} at most; behind a space its tracking number, if it has one."
        )


class ReturnedBulkForm(BulkForm):
    restock = tick_field("All of it goes back on the shelf")


FORMS: dict[BulkStep, type[BulkForm]] = {
    BulkStep.DISPATCH: DispatchBulkForm,
    BulkStep.RETURNED: ReturnedBulkForm,
}


def bulk_paths(pages: "BackOfficeAdmin") -> list[URLPattern]:
    """Return the addresses of the pages, one for each step."""

    def view(request: HttpRequest, step: str) -> HttpResponse:
        if not request.user.has_perm(RIGHT_TO_SHIP):
            raise PermissionDenied
        if step not in BulkStep.values:
            raise Http404
        return _answer(pages, request, BulkStep(step))

    return [
        path("bulk/<slug:step>/", pages.admin_site.admin_view(view), name="fulfilment_bulk"),
    ]


def _answer(pages: "BackOfficeAdmin", request: HttpRequest, step: BulkStep) -> HttpResponse:
    kind = FORMS.get(step, BulkForm)
    if request.method != "POST":
        numbers = request.GET.get("numbers", "").replace(",", "\n")[:MAX_LENGTH]
        return _page(pages, request, step, kind(initial={"numbers": numbers}))
    form = kind(request.POST)
    if not form.is_valid():
        return _page(pages, request, step, form, status=400)
    is_preview = "do" not in request.POST
    outcomes = services.bulk_change(
        step=step, rows=_rows(form.cleaned_data), at=clock.now(), preview=is_preview
    )
    return _page(pages, request, step, form, outcomes, is_preview=is_preview)


def _rows(filled: dict[str, Any]) -> list[BulkRow]:
    return [
        BulkRow(
            number=number,
            tracking=tracking,
            carrier=filled.get("carrier", ""),
            restock=filled.get("restock", False),
        )
        for number, tracking in filled["numbers"]
    ]


def _page(
    pages: "BackOfficeAdmin",
    request: HttpRequest,
    step: BulkStep,
    form: forms.Form,
    outcomes: Sequence[RowOutcome] = (),
    *,
    is_preview: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = WOULD if is_preview else DID
    context = {
        **pages.admin_site.each_context(request),
        "title": LABELS[step],
        "opts": pages.model._meta,
        "form": form,
        "is_preview": is_preview,
        "summary": _summary(outcomes, words),
        "outcomes": _table(outcomes, words) if outcomes else "",
        "back_url": pages.url_of_list(),
    }
    return TemplateResponse(request, "mdv/shipments_bulk.html", context, status=status)


def _summary(outcomes: Sequence[RowOutcome], words: dict[Outcome, str]) -> str:
    found = [outcome.outcome for outcome in outcomes]
    return ", ".join(f"{words[kind]}: {found.count(kind)}" for kind in Outcome if kind in found)


def _table(outcomes: Sequence[RowOutcome], words: dict[Outcome, str]) -> SafeString:
    return show_table(
        ("Number", "Outcome", "Parcel", "State", "Why"),
        [
            (
                row.number,
                show_label(words[row.outcome], COLOURS[row.outcome]),
                row.shipment,
                show_choice(row.state) if row.state else "",
                row.detail,
            )
            for row in outcomes
        ],
    )
