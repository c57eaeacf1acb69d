"""Stock-takes: a file of what was counted, compared with the levels, applied once."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count as CountOf
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.services import record
from mdv.admin.actions import Action, Made
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.fields import file_field
from mdv.admin.show import BAD, BUSY, CALM, GOOD, show_label, show_link, show_moment, show_table
from mdv.http.csv import csv_answer
from mdv.kernel import clock
from shop.stock import services
from shop.stock.models import Count, StockTake
from shop.stock.services import MAX_FORM_BYTES, MAX_ROWS
from shop.stock.services.read_count import COUNTED, REASON, SKU
from shop.stock.states import CountOutcome, StockTakeState

ROWS_SHOWN = 100
MAX_PAGE_DIGITS = 4
STATE_COLOURS = {StockTakeState.PREVIEWED: BUSY, StockTakeState.APPLIED: GOOD}
OUTCOME_COLOURS = {
    CountOutcome.DIFFERS: BUSY,
    CountOutcome.AGREES: CALM,
    CountOutcome.REFUSED: BAD,
    CountOutcome.CORRECTED: GOOD,
    CountOutcome.MOVED: BAD,
    CountOutcome.HELD: BAD,
}


class CountForm(forms.Form):
    file = file_field(
        "CSV file",
        help_text="The first line names the columns: sku, counted and, if you like, reason. "
        f"Others are passed over. At most {MAX_ROWS:,} rows, in UTF-8.",
    )


def preview(request: HttpRequest, nothing: None, filled: dict[str, Any]) -> Made:
    file = filled["file"]
    stock_take = services.preview_stock_take(name=file.name, content=file.read(), at=clock.now())
    return Made(text="Compared. Nothing has moved yet.", subject=stock_take)


def apply(request: HttpRequest, stock_take: StockTake, filled: dict[str, Any]) -> str:
    services.take_stock(stock_take_id=stock_take.pk, at=clock.now())
    found = _by_outcome(stock_take)
    left = found.get(CountOutcome.MOVED, 0) + found.get(CountOutcome.HELD, 0)
    told = f"{_levels(found.get(CountOutcome.CORRECTED, 0))} corrected."
    return f"{told} {_rows(left)} left alone, see why below." if left else told


def say_what_changes(stock_take: StockTake) -> str:
    """Say how much is about to move."""
    differing = stock_take.counts.filter(outcome=CountOutcome.DIFFERS)
    change = F("counted") - F("on_hand")
    more = differing.filter(counted__gt=F("on_hand")).aggregate(rows=CountOf("id"), sum=Sum(change))
    less = differing.filter(counted__lt=F("on_hand")).aggregate(rows=CountOf("id"), sum=Sum(change))
    return (
        f"{_levels(more['rows'])} up by {more['sum'] or 0} units in all, "
        f"{_levels(less['rows'])} down by {-(less['sum'] or 0)}. "
        "What has moved since the preview is left alone and named."
    )


ADD_STOCK_TAKE = Action(
    name="count",
    label="Compare a count",
    right="stock.add_stocktake",
    form=CountForm,
    run=preview,
    preview="You see what differs before anything moves.",
    max_body_bytes=MAX_FORM_BYTES,
)


@admin.register(StockTake)
class StockTakeAdmin(ReadOnlyAdmin):
    list_display = ("number", "shown_state", "name", "previewed", "by", "applied")
    list_display_links = ("number",)
    search_fields = ("name__istartswith",)
    search_help_text = "Beginning of the file's name"
    ordering = ("-id",)
    fields = ()
    change_form_template = "stock/stock_take.html"
    adding = ADD_STOCK_TAKE
    object_actions = (
        Action(
            name="apply",
            label="Apply",
            right="stock.adjust_stock",
            run=apply,
            is_open=lambda stock_take: stock_take.state == StockTakeState.PREVIEWED,
            preview=say_what_changes,
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ADD_STOCK_TAKE.right))

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<path:object_id>/not-applied.csv",
            self.admin_site.admin_view(self.not_applied_view),
            name="stock_stocktake_not_applied",
        )
        return [own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(self.facts_of(request, context["original"]))
        return super().render_change_form(request, context, *args, **kwargs)

    def not_applied_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Answer with the rows that somebody has to look into, to be corrected and sent again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stock_take = self.get_object(request, object_id)
        if stock_take is None:
            raise Http404
        counts = stock_take.counts.not_applied().order_by("line", "id")
        record("exported", subject=stock_take, facts={"what": "rows that were not applied"})
        header = (SKU, COUNTED, REASON, "line", "why not")
        return csv_answer(header, _cells(counts), name=f"{stock_take.number}-not-applied.csv")

    def facts_of(self, request: HttpRequest, stock_take: StockTake) -> dict[str, Any]:
        """Return what the page shows: the counts of each outcome, and one page of the rows."""
        found = _by_outcome(stock_take)
        shown = request.GET.get("outcome", "")
        shown = shown if shown in CountOutcome.values else ""
        total = found.get(CountOutcome(shown), 0) if shown else sum(found.values())
        page, pages = _page(request), max(1, -(-total // ROWS_SHOWN))
        counts = stock_take.counts.select_related("variant__stock").order_by("line", "id")
        if shown:
            counts = counts.filter(outcome=shown)
        start = (min(page, pages) - 1) * ROWS_SHOWN
        return {
            "state": self.shown_state(stock_take),
            "is_previewed": stock_take.state == StockTakeState.PREVIEWED,
            "facts": _facts(stock_take),
            "outcomes": [(o.value, o.label, found[o]) for o in CountOutcome if o in found],
            "shown": shown,
            "all_rows": sum(found.values()),
            "not_applied": sum(found.get(o, 0) for o in CountOutcome.not_applied()),
            "not_applied_url": self.url_of(stock_take, "not_applied"),
            "rows": _table(counts[start : start + ROWS_SHOWN]),
            "page": min(page, pages),
            "pages": pages,
        }

    @admin.display(description="number", ordering="id")
    def number(self, stock_take: StockTake) -> str:
        return stock_take.number

    @admin.display(description="state", ordering="state")
    def shown_state(self, stock_take: StockTake) -> SafeString:
        state = StockTakeState(stock_take.state)
        return show_label(str(state.label), STATE_COLOURS[state])

    @admin.display(description="previewed", ordering="created_at")
    def previewed(self, stock_take: StockTake) -> str:
        return show_moment(stock_take.created_at)

    @admin.display(description="previewed by", ordering="created_by")
    def by(self, stock_take: StockTake) -> str:
        return stock_take.created_by

    @admin.display(description="applied", ordering="applied_at")
    def applied(self, stock_take: StockTake) -> str:
        return show_moment(stock_take.applied_at)


def _by_outcome(stock_take: StockTake) -> dict[CountOutcome, int]:
    rows = stock_take.counts.order_by().values_list("outcome").annotate(CountOf("id"))
    return {CountOutcome(outcome): number for outcome, number in rows}


def _facts(stock_take: StockTake) -> list[tuple[str, str]]:
    facts = [
        ("File", stock_take.name),
        ("Previewed", f"{show_moment(stock_take.created_at)}, {stock_take.created_by}"),
    ]
    if stock_take.applied_at:
        facts.append(("Applied", f"{show_moment(stock_take.applied_at)}, {stock_take.applied_by}"))
    return facts


def _page(request: HttpRequest) -> int:
    given = request.GET.get("page", "1")
    is_number = given.isascii() and given.isdigit() and len(given) <= MAX_PAGE_DIGITS
    return max(1, int(given)) if is_number else 1


def _table(counts: QuerySet[Count]) -> SafeString:
    return show_table(
        ("SKU", "What", "On hand", "Counted", "Difference", "Line"),
        [
            (
                _sku(count),
                _what(count),
                "" if count.on_hand is None else count.on_hand,
                count.counted_as,
                _signed(count.difference),
                count.line,
            )
            for count in counts
        ],
        numbers={"On hand", "Counted", "Difference", "Line"},
        is_stacked=True,
    )


def _signed(units: int | None) -> str:
    if units is None:
        return ""
    return f"{units:+d}" if units else "0"


def _what(count: Count) -> SafeString:
    outcome = CountOutcome(count.outcome)
    label = show_label(str(outcome.label), OUTCOME_COLOURS[outcome])
    why = count.why_not or count.reason
    return format_html("{}<br>{}", label, why) if why else label


def _sku(count: Count) -> SafeString | str:
    stock = getattr(count.variant, "stock", None)
    return show_link("stock_stockitem", stock.pk, count.sku) if stock else count.sku


def _cells(counts: QuerySet[Count]) -> Iterator[tuple[object, ...]]:
    for count in counts.iterator():
        yield count.sku, count.counted_as, count.reason, count.line, count.why_not


def _levels(number: int) -> str:
    return f"{number} level{'' if number == 1 else 's'}"


def _rows(number: int) -> str:
    return f"{number} row{' is' if number == 1 else 's are'}"
