"""The Books page: every invariant as a tile, what is wrong with it, and putting that right."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mdv.admin.actions import ActionView
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.show import show_label, show_moment, show_table
from mdv.backoffice.books_actions import (
    CHECK_NOW,
    INVARIANT_PAGE,
    PUT_RIGHT,
    PutRightView,
    url_of_remedy,
)
from mdv.backoffice.books_words import (
    BOOKS_COLOURS,
    BOOKS_WORDS,
    SENTENCES,
    rows_of,
    say_found,
    say_when,
    show_row,
)
from mdv.kernel import clock
from mdv.ops.compensation import COMPENSATE_BOOKS, remedy_for
from mdv.ops.health import books_status
from mdv.ops.invariants import INVARIANTS, Level
from mdv.ops.models import HOLDS, BooksCheck, Compensation, Finding

COMPENSATIONS_SHOWN = 20
CHECKS_SHOWN = 10
SEE_THE_BOOKS = "ops.view_bookscheck"
INVARIANT_OF = {invariant.number: invariant for invariant in INVARIANTS}

View = Callable[..., HttpResponse]


@admin.register(BooksCheck)
class BooksAdmin(ReadOnlyAdmin):
    """The last check as tiles; behind each what is wrong. A check's own page shows an old one."""

    has_history = False
    search_fields = ()
    change_form_template = "mdv/backoffice/books_check.html"
    fields = ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("check/", wrap(ActionView(self, CHECK_NOW)), name="ops_bookscheck_check"),
            path("invariant/<int:number>/", wrap(self.invariant_view), name=INVARIANT_PAGE),
            path(
                "put-right/<str:object_id>/",
                wrap(PutRightView(self, PUT_RIGHT)),
                name="ops_bookscheck_put_right",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BooksCheck]:
        return super().get_queryset(request).order_by("-checked_at", "-id")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        checks = list(self.get_queryset(request)[:CHECKS_SHOWN])
        last = checks[0] if checks else None
        status = books_status(last, at=clock.now())
        context = {
            **self.admin_site.each_context(request),
            "title": "Books",
            "opts": self.model._meta,
            "status": show_label(BOOKS_WORDS[status], BOOKS_COLOURS[status]),
            "when": say_when(last) if last else "",
            "check_url": _url_of_check(request),
            "tiles": _tiles(last.findings if last else []),
            "compensations": _compensations(Compensation.objects.all()),
            "checks": self._earlier(checks[1:]),
        }
        return TemplateResponse(request, "mdv/backoffice/books.html", context)

    def invariant_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show what is wrong with one invariant, as the last check found it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if number not in INVARIANT_OF:
            raise Http404
        last = BooksCheck.objects.newest()
        found = last.finding(number) if last else None
        made = Compensation.objects.filter(invariant=number)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{number}. {SENTENCES[number]}",
            "opts": self.model._meta,
            "status": say_found(found) if found else "",
            "when": show_moment(found.checked_at) if found else "",
            "took": found.took_ms if found else "",
            "rows": _rows(request, found) if found else "",
            "more": found.count - len(found.rows) if found else 0,
            "is_wrong": bool(found and found.count),
            "advice": INVARIANT_OF[number].advice,
            "compensations": _compensations(made),
            "check_url": _url_of_check(request),
            "books_url": self.url_of_list(),
        }
        return TemplateResponse(request, "mdv/backoffice/books_invariant.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        check = context["original"]
        context["when"] = say_when(check)
        context["books_url"] = self.url_of_list()
        context["tiles"] = [{**tile, "url": ""} for tile in _tiles(check.findings)]
        context["wrong"] = [
            {"sentence": SENTENCES[found.number], "rows": _plain_rows(found)}
            for found in check.findings
            if found.count
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def _earlier(self, checks: list[BooksCheck]) -> SafeString:
        rows = [
            (
                format_html(
                    '<a class="mdv-link" href="{}">{}</a>',
                    self.url_of(check),
                    show_moment(check.checked_at),
                ),
                show_label(BOOKS_WORDS[check.status], BOOKS_COLOURS[check.status]),
                check.asked_by or "At night",
            )
            for check in checks
        ]
        return show_table(("When", "How", "Who asked"), rows, is_stacked=True, empty="None.")


def _tiles(findings: list[Finding]) -> list[dict[str, Any]]:
    """Return a tile of each invariant, those that somebody has to look at first."""
    worst_first = (Level.RED, Level.AMBER, HOLDS)
    ordered = sorted(findings, key=lambda found: (worst_first.index(found.status), found.number))
    return [_tile(found) for found in ordered]


def _tile(found: Finding) -> dict[str, Any]:
    return {
        "number": found.number,
        "sentence": SENTENCES[found.number],
        "status": found.status,
        "label": say_found(found),
        "url": reverse(f"admin:{INVARIANT_PAGE}", args=[found.number]),
    }


def _rows(request: HttpRequest, found: Finding) -> SafeString:
    """Return what is wrong, each with a button where the shop can put it right."""
    may_put_right = request.user.has_perm(COMPENSATE_BOOKS)
    rows = [
        (
            show_row(row),
            row.problem,
            url_of_remedy(found.number, row)
            if may_put_right and remedy_for(found.number, row.about)
            else "",
        )
        for row in found.rows
    ]
    return show_table(("What", "What is wrong", ""), rows, is_stacked=True, empty="Nothing.")


def _plain_rows(found: Finding) -> SafeString:
    rows = [(show_row(row), row.problem) for row in found.rows]
    return show_table(("What", "What is wrong"), rows, is_stacked=True)


def _compensations(made: QuerySet[Compensation]) -> SafeString:
    newest = made.order_by("-made_at", "-id")[:COMPENSATIONS_SHOWN]
    return show_table(
        ("When", "What", "Before and after", "Why", "Who", "Entry"),
        rows_of(newest),
        is_stacked=True,
        empty="Nothing was put right yet.",
    )


def _url_of_check(request: HttpRequest) -> str:
    if not request.user.has_perm(CHECK_NOW.right):
        return ""
    return reverse("admin:ops_bookscheck_check")
