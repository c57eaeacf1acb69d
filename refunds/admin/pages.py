"""Returns in the back office: the worklists, and the page of one."""

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.show import (
    BAD,
    BUSY,
    CALM,
    GOOD,
    show_choice,
    show_link,
    show_moment,
    show_table,
    shown_once,
)
from mdv.admin.worklists import WorklistAdmin, choice_filter, worklist_filter
from refunds.admin.actions import ASK, RETURN_ACTIONS, RIGHT_TO_ASK
from refunds.models import Return, ReturnReceipt
from refunds.services.lock_return import lines_of
from refunds.states import ReturnReason, ReturnState, Worklist

COLOURS: dict[str, str] = {
    ReturnState.REQUESTED: BUSY,
    ReturnState.APPROVED: CALM,
    ReturnState.REJECTED: BAD,
    ReturnState.RECEIVING: BUSY,
    ReturnState.CLOSED: GOOD,
    ReturnState.EXPIRED: BAD,
    ReturnState.CANCELLED: BAD,
}


@admin.register(Return)
class ReturnAdmin(WorklistAdmin):
    """What customers send back. The buttons call the services."""

    adding = ASK
    adding_right = RIGHT_TO_ASK
    colours = COLOURS
    object_actions = RETURN_ACTIONS
    list_display = ("number", "order_link", "shown_state", "why", "units", "asked", "waited_for")
    list_filter = (
        worklist_filter(Worklist),
        choice_filter("state", ReturnState),
        choice_filter("reason", ReturnReason),
    )
    list_select_related = ("order",)
    search_help_text = "Beginning of the return's or the order's number"
    ordering = ("-requested_at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order_link", "shown_state"),
                    ("why", "source"),
                    "note",
                )
            },
        ),
        ("What comes back", {"fields": ("contents",), "classes": ["mdv-wide"]}),
        ("What came", {"fields": ("receipts",), "classes": ["mdv-wide"]}),
        (
            "Who decided what, and when",
            {
                "fields": (
                    ("requested_at", "requested_by"),
                    ("decided_at", "decided_by"),
                    "answer",
                    ("expires_at", "ended_at"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        found = super().get_queryset(request)
        people = found.select_related("order", "requested_by", "decided_by")
        counted: QuerySet[Return] = people.annotate(units_inside=Sum("lines__requested"))
        return counted

    @admin.display(description="order")
    def order_link(self, returned: Return) -> SafeString:
        return show_link("orders_order", returned.order_id, returned.order.number)

    @admin.display(description="why")
    def why(self, returned: Return) -> str:
        return show_choice(returned.reason)

    @admin.display(description="units")
    def units(self, returned: Return) -> int:
        return returned.units_inside or 0  # type: ignore[attr-defined]

    @admin.display(description="asked for")
    def asked(self, returned: Return) -> str:
        return show_moment(returned.requested_at)

    @admin.display(description="waited for until")
    def waited_for(self, returned: Return) -> str:
        is_awaited = returned.state == ReturnState.APPROVED
        return show_moment(returned.expires_at) if is_awaited else ""

    @shown_once
    @admin.display(description="what comes back")
    def contents(self, returned: Return) -> SafeString:
        return show_table(
            ("SKU", "What", "Requested", "Approved", "Received", "Restocked", "Refundable"),
            [
                (
                    show_link("catalog_variant", line.order_line.variant_id, line.order_line.sku),
                    " ".join([line.order_line.title, " / ".join(line.order_line.options)]).strip(),
                    line.requested,
                    line.approved,
                    line.received,
                    line.restocked,
                    line.refundable_quantity,
                )
                for line in lines_of(returned)
            ],
            numbers={"Requested", "Approved", "Received", "Restocked", "Refundable"},
            is_stacked=True,
        )

    @shown_once
    @admin.display(description="what came")
    def receipts(self, returned: Return) -> SafeString:
        came = ReturnReceipt.objects.filter(line__of_return=returned)
        return show_table(
            ("SKU", "Condition", "Units", "Shelf", "When", "Who"),
            [
                (
                    receipt.line.order_line.sku,
                    show_choice(receipt.condition),
                    receipt.quantity,
                    "Back on the shelf" if receipt.is_restocked else "Set aside",
                    show_moment(receipt.received_at),
                    receipt.actor_label,
                )
                for receipt in came.select_related("line__order_line").order_by("id")
            ],
            numbers={"Units"},
            is_stacked=True,
        )
