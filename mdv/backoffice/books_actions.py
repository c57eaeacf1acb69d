"""What can be done on the Books page: checking them now, and putting one thing right."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mdv.accounts.models import User
from mdv.admin.actions import Action, ActionView, Made
from mdv.admin.fields import integer_field, text_field
from mdv.admin.show import show_table
from mdv.kernel import clock
from mdv.limits import services as limits
from mdv.ops.check_now import Check, check_now
from mdv.ops.compensation import (
    COMPENSATE_BOOKS,
    Imbalance,
    Preview,
    compensate,
    find_imbalance,
    preview_compensation,
    remedy_for,
)
from mdv.ops.invariants import About, Row
from mdv.ops.models import MAX_COMPENSATION_REASON_LENGTH, BooksCheck

CHECK_BOOKS = "ops.check_books"
LIMIT_OF_CHECKS = "books"
INVARIANT_PAGE = "ops_bookscheck_invariant"
MAX_DIGITS = 18  # of an id
CHECK_WORDS = {
    Check.DONE: "The books were checked.",
    Check.QUEUED: (
        "This takes longer than a page may: a worker checks the books. Look again in a while."
    ),
    Check.QUEUED_BEFORE: "A check is already waiting for a worker. Look again in a while.",
}


def person_of(request: HttpRequest) -> User:
    return cast("User", request.user)


def count_check(request: HttpRequest, subject: None, filled: dict[str, Any]) -> None:
    limits.enforce(LIMIT_OF_CHECKS, f"user:{person_of(request).pk}")


def check(request: HttpRequest, subject: None, filled: dict[str, Any]) -> Made:
    def then() -> str:
        return CHECK_WORDS[check_now(user=person_of(request), at=clock.now())]

    return Made(then=then)


CHECK_NOW = Action(
    name="check",
    label="Check now",
    right=CHECK_BOOKS,
    check=count_check,
    run=check,
    preview="Every invariant is asked over everything there is. Nothing is changed.",
)


class ReasonForm(forms.Form):
    """Why. `plan_hash` comes with the second press alone."""

    reason = text_field(
        "Why",
        max_length=MAX_COMPENSATION_REASON_LENGTH,
        help_text="What happened, and how you know. Kept with the entry for good.",
    )
    plan_hash = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class CountForm(ReasonForm):
    counted = integer_field(
        "Counted on the shelf", min_value=0, help_text="In units, those held by orders included."
    )
    field_order = ("counted", "reason", "plan_hash")


@dataclass(frozen=True, kw_only=True)
class ShownPreview:
    """What would change, ready to be shown."""

    plan_hash: str
    table: SafeString


def form_for(found: Imbalance) -> type[ReasonForm]:
    remedy = remedy_for(found.invariant, found.about)
    return CountForm if remedy and remedy.needs_count else ReasonForm


def plan(request: HttpRequest, found: Imbalance, filled: dict[str, Any]) -> ShownPreview:
    made = preview_compensation(found, counted=filled.get("counted"))
    return ShownPreview(plan_hash=made.plan_hash, table=_table(made))


def put_right(request: HttpRequest, found: Imbalance, filled: dict[str, Any]) -> Made:
    made = compensate(
        found,
        reason=filled["reason"],
        plan_hash=filled["plan_hash"],
        counted=filled.get("counted"),
        user_id=person_of(request).pk,
        at=clock.now(),
    )
    remedy = remedy_for(found.invariant, found.about)
    touched = remedy.touches if remedy else frozenset()

    def then() -> str:
        checked = check_now(user=person_of(request), at=clock.now(), numbers=touched)
        if checked != Check.DONE:
            return CHECK_WORDS[checked]
        return _say_outcome(found.invariant)

    return Made(text=f"{found} is put right: entry {made.number}.", then=then)


def say_what_it_does(found: Imbalance) -> str:
    remedy = remedy_for(found.invariant, found.about)
    says = f"{remedy.says} " if remedy else ""
    return f"{says}Nothing happens before you have seen what will change."


PUT_RIGHT = Action(
    name="put-right",
    label="Put right",
    right=COMPENSATE_BOOKS,
    form_for=form_for,
    plan=plan,
    run=put_right,
    preview=say_what_it_does,
    template="mdv/backoffice/put_right.html",
)


class PutRightView(ActionView):
    """The page behind the button beside one row of an invariant."""

    def _subject(self, request: HttpRequest, object_id: str) -> Any:
        number, _, rest = object_id.partition("-")
        about, _, key = rest.rpartition("-")
        is_known = number.isdecimal() and key.isdecimal() and about in set(About)
        if not is_known or len(key) > MAX_DIGITS or not remedy_for(int(number), about):
            raise Http404
        return find_imbalance(invariant=int(number), about=About(about), object_id=int(key))

    def _back_url(self, request: HttpRequest, subject: Any) -> str:
        return reverse(f"admin:{INVARIANT_PAGE}", args=[subject.invariant])

    def _page(self, request: HttpRequest, subject: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        page = cast("TemplateResponse", super()._page(request, subject, *args, **kwargs))
        # What heads a page about an object wants to be a row of a table.
        page.context_data = {**(page.context_data or {}), "original": None, "imbalance": subject}
        return page


def url_of_remedy(invariant: int, row: Row) -> SafeString:
    """Return the button that leads to putting a row right."""
    key = f"{invariant}-{row.about}-{row.object_id}"
    url = reverse("admin:ops_bookscheck_put_right", args=[key])
    return format_html('<a class="mdv-link" href="{}">Put right</a>', url)


def _table(made: Preview) -> SafeString:
    rows = [(one.what, one.before, one.after) for one in made.restated]
    return show_table(("What", "Before", "After"), rows, numbers={"Before", "After"})


def _say_outcome(invariant: int) -> str:
    last = BooksCheck.objects.newest()
    found = last.finding(invariant) if last else None
    if found and found.count:
        return f"Checked again: {found.count} more to be put right."
    return "Checked again: this holds now."
