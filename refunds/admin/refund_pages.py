"""Refunds in the back office: the worklists and the page of one."""

from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.show import (
    show_choice,
    show_link,
    show_moment,
    show_money,
    show_table,
    shown_once,
)
from refunds.admin.approvals import approvals_page
from refunds.admin.refund_actions import REFUND_ACTIONS
from refunds.admin.refund_parts import ENTITLED_BY, lines_of, state_label
from refunds.models import Refund, RefundQuerySet
from refunds.states import SETTLED, RefundMethod, RefundSource, RefundState, RefundWorklist, Restock
from shop.payments.states import Provider

NOT_GONE = frozenset({RefundState.REQUESTED, RefundState.APPROVED})


class WorklistFilter(KnownFilter):
    title = "worklist"
    parameter_name = "worklist"
    choices_known = [(worklist.value, show_choice(worklist)) for worklist in RefundWorklist]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.on_worklist(RefundWorklist(value))


class StateFilter(KnownFilter):
    title = "state"
    parameter_name = "state"
    choices_known = [(state.value, show_choice(state)) for state in RefundState]


class MethodFilter(KnownFilter):
    title = "how"
    parameter_name = "method"
    choices_known = [(method.value, show_choice(method)) for method in RefundMethod]


class SourceFilter(KnownFilter):
    title = "where from"
    parameter_name = "source"
    choices_known = [(source.value, show_choice(source)) for source in RefundSource]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Money that goes back. It is asked for on its order's page; the buttons call the services."""

    object_actions = REFUND_ACTIONS
    list_display = (
        "number",
        "order_link",
        "shown_state",
        "look_first",
        "shown_amount",
        "how",
        "why",
        "asked_by",
        "asked",
    )
    list_filter = (WorklistFilter, StateFilter, MethodFilter, SourceFilter)
    sortable_by = ()
    search_fields = ("number",)
    search_help_text = "Beginning of the refund's or order's number, or a whole reference"
    ordering = ("-requested_at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order_link", "shown_state"),
                    "exception_link",
                    "look_first",
                    ("shown_amount", "payment_of"),
                    ("how", "shown_source"),
                    ("why", "return_link"),
                    "note",
                    ("requested_at", "requested_by"),
                    ("approved_at", "approved_by"),
                    ("approval_required", "answer"),
                    ("asked_at", "attempt"),
                    ("provider_id", "bank_reference"),
                    "failure",
                    ("settled_at", "credit_note_number"),
                )
            },
        ),
        ("What it is for", {"fields": ("contents",), "classes": ["mdv-wide"]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        refunds = cast("RefundQuerySet", super().get_queryset(request))
        shown = refunds.with_lines().with_exception().with_gone_meanwhile()
        return shown.select_related(
            "order", "payment", "requested_by", "approved_by", "of_return", "credit_note"
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Refund], search_term: str
    ) -> tuple[QuerySet[Refund], bool]:
        refunds = cast("RefundQuerySet", queryset)
        return (refunds.search(search_term) if search_term.strip() else refunds), False

    def get_urls(self) -> list[URLPattern]:
        inbox = path(
            "approvals/",
            self.admin_site.admin_view(approvals_page(self)),
            name="refunds_refund_approvals",
        )
        return [inbox, *super().get_urls()]

    @admin.display(description="order")
    def order_link(self, refund: Refund) -> SafeString:
        return show_link("orders_order", refund.order_id, refund.order.number)

    @admin.display(description="state")
    def shown_state(self, refund: Refund) -> SafeString:
        return state_label(refund)

    @admin.display(description="waits for")
    def exception_link(self, refund: Refund) -> SafeString | str:
        """Link to what has to be settled before its money may go."""
        exception: int | None = refund.blocked_by  # type: ignore[attr-defined]
        if exception is None or refund.state in SETTLED:
            return ""
        text = "money of its payment was taken back: settle that exception first"
        return show_link("payments_gatewayevent", exception, text)

    @admin.display(description="look first")
    def look_first(self, refund: Refund) -> str:
        """Warn who would pay by hand what somebody may have given back at the provider."""
        gone: Decimal | None = refund.gone_meanwhile  # type: ignore[attr-defined]
        if not gone or refund.method != RefundMethod.MANUAL or refund.state not in NOT_GONE:
            return ""
        provider = Provider(refund.payment.provider).label
        return (
            f"{show_money(gone, refund.currency)} of this payment has gone back at {provider} "
            "meanwhile: look before you pay."
        )

    @admin.display(description="amount")
    def shown_amount(self, refund: Refund) -> str:
        return show_money(refund.amount, refund.currency)

    @admin.display(description="how")
    def how(self, refund: Refund) -> str:
        if refund.method == RefundMethod.MANUAL:
            return "By hand"
        return Provider(refund.payment.provider).label

    @admin.display(description="why")
    def why(self, refund: Refund) -> str:
        return show_choice(refund.reason)

    @admin.display(description="asked by")
    def asked_by(self, refund: Refund) -> str:
        return str(refund.requested_by or show_choice(refund.source))

    @admin.display(description="asked for")
    def asked(self, refund: Refund) -> str:
        return show_moment(refund.requested_at)

    @admin.display(description="of the payment")
    def payment_of(self, refund: Refund) -> str:
        return refund.payment.reference

    @admin.display(description="where from")
    def shown_source(self, refund: Refund) -> str:
        return show_choice(refund.source)

    @admin.display(description="for the return")
    def return_link(self, refund: Refund) -> SafeString | str:
        if refund.of_return is None:
            return ""
        return show_link("refunds_return", refund.of_return.pk, refund.of_return.number)

    @admin.display(description="credit note")
    def credit_note_number(self, refund: Refund) -> str:
        return refund.credit_note.number if hasattr(refund, "credit_note") else ""

    @shown_once
    @admin.display(description="what it is for")
    def contents(self, refund: Refund) -> SafeString:
        rows: list[tuple[Any, ...]] = [
            (
                show_link("catalog_variant", line.order_line.variant_id, line.order_line.sku),
                f"{line.order_line.title}, {ENTITLED_BY[Restock(line.restock)]}",
                line.quantity or "",
                f"{line.tax:,.2f}" if line.tax else "",
                f"{line.amount:,.2f}",
            )
            for line in lines_of(refund)
        ]
        rows += [
            ("", name, "", "", f"{amount:,.2f}")
            for name, amount in (("Shipping", refund.shipping), ("Goodwill", refund.goodwill))
            if amount
        ]
        return show_table(
            ("SKU", "What", "Units", "Tax in it", "Amount"),
            rows,
            numbers={"Units", "Tax in it", "Amount"},
            is_stacked=True,
        )
