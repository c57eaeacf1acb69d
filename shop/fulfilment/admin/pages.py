"""Parcels in the back office: the worklists, and the page of one."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from audit.services import record
from mdv.admin.filters import KnownFilter
from mdv.admin.show import (
    BAD,
    BUSY,
    CALM,
    GOOD,
    show_choice,
    show_label,
    show_link,
    show_moment,
    show_table,
    shown_once,
)
from mdv.admin.worklists import WorklistAdmin, choice_filter, worklist_filter
from mdv.http.pdf import pdf_answer
from mdv.kernel import clock
from mdv.kernel.errors import Conflict
from shop.fulfilment import services
from shop.fulfilment.admin.actions import PACK, RIGHT_TO_PACK, RIGHT_TO_SHIP, SHIPMENT_ACTIONS
from shop.fulfilment.admin.bulk import LABELS, bulk_paths
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import MAX_ROWS, BulkStep
from shop.fulfilment.states import ShipmentState, Worklist
from shop.orders.services.print_invoice import ADDRESS_PARTS

COLOURS: dict[str, str] = {
    ShipmentState.PACKING: BUSY,
    ShipmentState.READY: BUSY,
    ShipmentState.DISPATCHED: CALM,
    ShipmentState.IN_TRANSIT: CALM,
    ShipmentState.DELIVERED: GOOD,
    ShipmentState.RETURNED_TO_SENDER: BAD,
    ShipmentState.CANCELLED: BAD,
}
BULK_STEPS = [step for step in BulkStep if step != BulkStep.PACK]
TOO_MANY = f"At most {MAX_ROWS} parcels at once."

ListAction = Callable[["ShipmentAdmin", HttpRequest, QuerySet[Shipment]], HttpResponse | None]


def for_selected(step: BulkStep) -> ListAction:
    """Return the list's action that leads to the page of a step, with the rows that are ticked."""

    def lead(
        pages: "ShipmentAdmin", request: HttpRequest, ticked: QuerySet[Shipment]
    ) -> HttpResponse | None:
        numbers = pages.numbers_of(request, ticked)
        if numbers is None:
            return None
        page = reverse("admin:fulfilment_bulk", args=[step.value])
        return HttpResponseRedirect(f"{page}?{urlencode({'numbers': ','.join(numbers)})}")

    return _named(lead, f"bulk_{step}", LABELS[step], "ship")


def pick_selected(
    pages: "ShipmentAdmin", request: HttpRequest, ticked: QuerySet[Shipment]
) -> HttpResponse | None:
    """Print what to fetch from the shelves for the parcels that are ticked."""
    numbers = pages.numbers_of(request, ticked)
    if numbers is None:
        return None
    try:
        paper = services.print_pick_list(numbers=numbers, at=clock.now())
    except Conflict as refusal:
        pages.message_user(request, refusal.message, level="error")
        return None
    return pdf_answer(paper.content, name=paper.name)


def _named(action: Any, name: str, label: str, permission: str) -> ListAction:
    action.__name__ = name
    action.short_description = label
    action.allowed_permissions = [permission]
    named: ListAction = action
    return named


class HeldFilter(KnownFilter):
    title = "held"
    parameter_name = "held"
    choices_known = [("yes", "Held: money is missing")]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.filter(is_held=True)


@admin.register(Shipment)
class ShipmentAdmin(WorklistAdmin):
    """What is to be packed, to be shipped, and on its way. The buttons call the services."""

    adding = PACK
    adding_right = RIGHT_TO_PACK
    colours = COLOURS
    object_actions = SHIPMENT_ACTIONS
    actions = (
        _named(pick_selected, "pick_list", "Print pick list", "view"),
        *(for_selected(step) for step in BULK_STEPS),
    )
    list_display = (
        "number",
        "order_link",
        "shown_state",
        "held",
        "units",
        "carrier",
        "tracking",
        "packed",
        "left",
    )
    list_filter = (worklist_filter(Worklist), HeldFilter, choice_filter("state", ShipmentState))
    list_select_related = ("order",)
    list_per_page = MAX_ROWS
    search_help_text = "Beginning of the parcel's, the order's or the tracking number"
    ordering = ("-created_at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order_link", "shown_state", "held"),
                    "goes_to",
                    ("carrier", "tracking"),
                    "slip",
                )
            },
        ),
        ("What is in it", {"fields": ("contents",), "classes": ["mdv-wide"]}),
        ("What happened", {"fields": ("history",), "classes": ["mdv-wide"]}),
    )

    def has_ship_permission(self, request: HttpRequest) -> bool:
        """Tell Django who sees the steps for many parcels."""
        return bool(request.user.has_perm(RIGHT_TO_SHIP))

    def get_urls(self) -> list[URLPattern]:
        slip = path(
            "<path:object_id>/packing-slip.pdf",
            self.admin_site.admin_view(self.print_slip),
            name="fulfilment_shipment_slip",
        )
        return [*bulk_paths(self), slip, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        found = super().get_queryset(request).select_related("order")
        held = Exists(services.held_shipments().filter(pk=OuterRef("pk")))
        return found.annotate(units_inside=Sum("lines__quantity"), is_held=held)

    def numbers_of(self, request: HttpRequest, ticked: QuerySet[Shipment]) -> list[str] | None:
        """Return the numbers of the parcels that are ticked, or say that they are too many."""
        rows = ticked.order_by("created_at", "id").values_list("number", flat=True)
        numbers = list(rows[: MAX_ROWS + 1])
        if len(numbers) > MAX_ROWS:
            self.message_user(request, TOO_MANY, level="error")
            return None
        return numbers

    def print_slip(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Print what lies in a parcel."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shipment = self.get_object(request, object_id)
        if shipment is None:
            raise Http404
        try:
            paper = services.print_packing_slip(number=shipment.number)
        except Conflict:  # a link that was made up: the page shows it where it leads somewhere
            raise Http404 from None
        record("printed", subject=shipment, facts={"paper": paper.name})
        return pdf_answer(paper.content, name=paper.name)

    @admin.display(description="order")
    def order_link(self, shipment: Shipment) -> SafeString:
        return show_link("orders_order", shipment.order_id, shipment.order.number)

    @admin.display(description="held")
    def held(self, shipment: Shipment) -> SafeString | str:
        is_held: bool = shipment.is_held  # type: ignore[attr-defined]
        return show_label("Money is missing", BAD) if is_held else ""

    @admin.display(description="units")
    def units(self, shipment: Shipment) -> int:
        return shipment.units_inside or 0  # type: ignore[attr-defined]

    @admin.display(description="opened")
    def packed(self, shipment: Shipment) -> str:
        return show_moment(shipment.created_at)

    @admin.display(description="left")
    def left(self, shipment: Shipment) -> str:
        return show_moment(shipment.dispatched_at)

    @admin.display(description="goes to")
    def goes_to(self, shipment: Shipment) -> str:
        order = shipment.order
        if not order.shipping_address:
            return f"{order.name or order.email}, who fetches it"
        parts = [str(order.shipping_address.get(part, "")) for part in ADDRESS_PARTS]
        return ", ".join(filter(None, parts))

    @admin.display(description="packing slip")
    def slip(self, shipment: Shipment) -> SafeString | str:
        if shipment.state == ShipmentState.CANCELLED:
            return ""
        url = reverse("admin:fulfilment_shipment_slip", args=[shipment.pk])
        return format_html('<a class="mdv-link" href="{}">Print</a>', url)

    @shown_once
    @admin.display(description="what is in it")
    def contents(self, shipment: Shipment) -> SafeString:
        inside = shipment.lines.select_related("order_line").order_by("order_line__position", "id")
        return show_table(
            ("SKU", "What", "Units", "Restocked"),
            [
                (
                    show_link("catalog_variant", line.order_line.variant_id, line.order_line.sku),
                    " ".join([line.order_line.title, " / ".join(line.order_line.options)]).strip(),
                    line.quantity,
                    line.restocked or "",
                )
                for line in inside
            ],
            numbers={"Units", "Restocked"},
            is_stacked=True,
        )

    @shown_once
    @admin.display(description="what happened")
    def history(self, shipment: Shipment) -> SafeString:
        return show_table(
            ("When", "What", "Note", "Who"),
            [
                (
                    show_moment(event.happened_at),
                    show_choice(event.kind),
                    event.note,
                    event.actor_label,
                )
                for event in shipment.events.order_by("id")
            ],
            is_stacked=True,
        )
