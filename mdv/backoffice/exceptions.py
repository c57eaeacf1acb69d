"""The exceptions queue: money that did not come as it should, and what can be done with it."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from mdv.accounts.models import User
from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.fields import line_field, tick_field
from mdv.admin.filters import KnownFilter
from mdv.admin.show import BAD, BUSY, CALM, GOOD, show_choice, show_label, show_moment, show_money
from mdv.backoffice.order_page import show_order
from mdv.kernel import clock
from mdv.ops.models import BooksCheck, BooksStatus
from refunds import services as refunds
from shop.payments import services
from shop.payments.models import GatewayEvent, GatewayEventQuerySet
from shop.payments.services.settle_exception import MAX_NOTE_LENGTH
from shop.payments.states import EventOutcome

SETTLE = "payments.settle_exception"
WRITE_OFF = "refunds.write_off"

OUTCOME_COLOURS = {
    EventOutcome.RECEIVED: BUSY,
    EventOutcome.APPLIED: GOOD,
    EventOutcome.IGNORED: CALM,
    EventOutcome.SHORT: BUSY,
    EventOutcome.EXCESS: BUSY,
    EventOutcome.LATE: BUSY,
    EventOutcome.ORPHAN: BAD,
    EventOutcome.MISMATCH: BAD,
}


class NoteForm(forms.Form):
    note = line_field("Why", max_length=MAX_NOTE_LENGTH, help_text="Kept with the exception.")


class OrderForm(forms.Form):
    number = line_field("Order", max_length=16, help_text="Its number, such as M-4T0Q8ZXW.")
    accept_excess = tick_field(
        "This is more than is due",
        help_text="Only if it was meant for this order all the same: it is overpaid then.",
    )


def _whose(request: HttpRequest) -> int:
    return int(cast("User", request.user).pk)


def apply_to_order(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    order = services.apply_to_order(
        event_id=event.pk,
        number=filled["number"].strip().upper(),
        accept_excess=filled["accept_excess"],
        user_id=_whose(request),
        at=clock.now(),
    )
    return f"{show_money(event.amount, event.currency)} booked on {order.number}."


def reopen(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    order = services.reopen_for_money(event_id=event.pk, user_id=_whose(request), at=clock.now())
    return f"{order.number} is confirmed, its stock is held again."


def keep_for_refund(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    services.keep_for_refund(
        event_id=event.pk, note=filled["note"], user_id=_whose(request), at=clock.now()
    )
    return "Noted: the money is to go back."


def leave(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    services.leave_as_it_is(
        event_id=event.pk, note=filled["note"], user_id=_whose(request), at=clock.now()
    )
    return "Settled: it stays as it is."


def book_rest(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    refund = refunds.book_rest_of_excess(event_id=event.pk, user_id=_whose(request), at=clock.now())
    return f"{show_money(refund.amount, refund.currency)} more is booked: {refund.number}."


def write_off(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    written = refunds.write_off_excess(
        event_id=event.pk, reason=filled["note"], user_id=_whose(request), at=clock.now()
    )
    return f"{show_money(written.amount, written.currency)} written off."


def leave_refund(request: HttpRequest, event: GatewayEvent, filled: dict[str, Any]) -> str:
    refunds.leave_refund_event(
        event_id=event.pk, note=filled["note"], user_id=_whose(request), at=clock.now()
    )
    return "Settled: it stays as it is."


def is_open_excess(event: GatewayEvent) -> bool:
    return event.is_open_exception and event.is_excess_of_a_refund


EXCEPTION_ACTIONS = (
    Action(
        name="apply",
        label="Book on an order",
        right=SETTLE,
        form=OrderForm,
        run=apply_to_order,
        is_open=lambda event: event.is_open_exception and services.may_be_booked(event),
        preview="The money is booked as a payment of the order you name.",
    ),
    Action(
        name="reopen",
        label="Take the order up again",
        right=SETTLE,
        run=reopen,
        is_open=lambda event: event.is_open_exception and services.may_be_reopened(event),
        preview="The order is confirmed, if its goods and its coupon are still there.",
    ),
    Action(
        name="refund",
        label="Keep for a refund",
        right=SETTLE,
        form=NoteForm,
        run=keep_for_refund,
        is_open=lambda event: event.is_open_exception and not event.is_about_a_refund,
        preview="Nothing moves. It is noted that the money is to go back to the customer.",
    ),
    Action(
        name="book-rest",
        label="Book what has room",
        right=SETTLE,
        run=book_rest,
        is_open=is_open_excess,
        preview="What went back is booked as far as its payment has money by now.",
    ),
    Action(
        name="write-off",
        label="Write off",
        right=WRITE_OFF,
        form=NoteForm,
        run=write_off,
        is_open=is_open_excess,
        preview="What went back and is not booked is given up for good. The order shows it.",
    ),
    Action(
        name="leave-refund",
        label="Leave as it is",
        right=WRITE_OFF,
        form=NoteForm,
        run=leave_refund,
        is_open=lambda event: event.is_open_exception and event.is_about_a_refund,
        preview="Nothing moves. The money of its payment, if it has one, may be given back again.",
    ),
    Action(
        name="leave",
        label="Leave as it is",
        right=SETTLE,
        form=NoteForm,
        run=leave,
        is_open=lambda event: event.is_open_exception and not event.is_about_a_refund,
        preview="Nothing moves. It leaves the list of what is to be settled.",
    ),
)


class SettledFilter(KnownFilter):
    """Shows what is still to be settled, unless asked for something else."""

    title = "settled"
    parameter_name = "settled"
    choices_known = (("no", "To be settled"), ("yes", "Settled"), ("all", "All"))

    def value(self) -> str:
        return super().value() or "no"

    def choices(self, changelist: Any) -> Any:
        # Without the "All" that Django adds: the choice without a value is "To be settled".
        return list(super().choices(changelist))[1:]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "all":
            return queryset
        return queryset.filter(resolved_at__isnull=value == "no")


class OutcomeFilter(KnownFilter):
    title = "what is wrong"
    parameter_name = "outcome"
    choices_known = (
        (EventOutcome.SHORT.value, "Less than was due"),
        (EventOutcome.EXCESS.value, "More than was due"),
        (EventOutcome.LATE.value, "For a cancelled order"),
        (EventOutcome.ORPHAN.value, "For no payment of ours"),
        (EventOutcome.MISMATCH.value, "Does not fit the payment"),
    )


@admin.register(GatewayEvent)
class ExceptionAdmin(ReadOnlyAdmin):
    """What a provider told and what does not fit our books; the buttons call the services."""

    list_display = (
        "came",
        "shown_outcome",
        "why",
        "shown_amount",
        "order",
        "provider",
        "settled",
    )
    list_filter = (SettledFilter, OutcomeFilter)
    search_fields = ("reference", "provider_id", "payment__order__number")
    search_help_text = "Our reference, the provider's number, or the order's"
    ordering = ("-id",)
    list_select_related = ("payment__order",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("came", "shown_outcome"),
                    "why",
                    ("shown_amount", "order"),
                    ("provider", "kind"),
                    ("reference", "provider_id"),
                    ("subject", "refund_number"),
                    "settled",
                )
            },
        ),
        ("As it came", {"fields": ("told",), "classes": ["mdv-wide"]}),
    )
    object_actions = EXCEPTION_ACTIONS
    list_before_template = "mdv/backoffice/books_line.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the queue; a line above it leads to the books where they are wrong."""
        may_see = request.user.has_perm("ops.view_bookscheck")
        last = BooksCheck.objects.defer("outcomes").newest() if may_see else None
        is_wrong = last is not None and last.status == BooksStatus.UNBALANCED
        url = reverse("admin:ops_bookscheck_changelist") if is_wrong else ""
        return super().changelist_view(request, {"books_url": url, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        events = cast("GatewayEventQuerySet", super().get_queryset(request))
        return events.exceptions().select_related("payment__order", "resolved_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[GatewayEvent], search_term: str
    ) -> tuple[QuerySet[GatewayEvent], bool]:
        term = search_term.strip()
        return (cast("GatewayEventQuerySet", queryset).search(term) if term else queryset), False

    @admin.display(description="came", ordering="id")
    def came(self, event: GatewayEvent) -> str:
        return show_moment(event.received_at)

    @admin.display(description="what is wrong")
    def shown_outcome(self, event: GatewayEvent) -> SafeString:
        outcome = EventOutcome(event.outcome)
        return show_label(str(outcome.label).capitalize(), OUTCOME_COLOURS[outcome])

    @admin.display(description="why")
    def why(self, event: GatewayEvent) -> str:
        return event.error

    @admin.display(description="amount")
    def shown_amount(self, event: GatewayEvent) -> str:
        return show_money(event.amount, event.currency)

    @admin.display(description="order")
    def order(self, event: GatewayEvent) -> SafeString | str:
        return show_order(event.payment.order) if event.payment else "None"

    @admin.display(description="settled")
    def settled(self, event: GatewayEvent) -> str:
        if event.resolved_at is None:
            return "Not yet"
        who = f", {event.resolved_by}" if event.resolved_by else ""
        return f"{event.resolution} ({show_moment(event.resolved_at)}{who})"

    @admin.display(description="the provider's notice")
    def told(self, event: GatewayEvent) -> str:
        body = bytes(event.body).decode(errors="replace")
        return body or f"Nothing: we asked, and heard {show_choice(event.result).lower()}."
