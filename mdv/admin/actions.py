"""Buttons of a detail page: each a page that says what will happen, then one service call.

Nothing happens on GET. A form carries a nonce as its idempotency key, so that a double click or a
reload does it once. What the database refuses at COMMIT is shown like any other refusal.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mdv.admin.refusals import REFUSALS, refusal_of, sentence, tell, with_headers
from mdv.admin.sent import claim_form
from mdv.idempotency.services import store_answer
from mdv.kernel.errors import DomainError

if TYPE_CHECKING:
    from mdv.admin.base import BackOfficeAdmin

DONE = 303
PLAN_HASH = "plan_hash"  # the field with what a plan is known by, sent by the second press alone
ALREADY_DONE = "This was done already."
BACK = "back"  # where a person goes on afterwards: the page from which the button was pressed


class ConfirmForm(forms.Form):
    """Nothing to fill in: only whether."""


def nothing(*args: Any) -> None:
    """Check nothing beforehand."""


def anybody(*args: Any) -> bool:
    """Keep nobody out."""
    return True


class Plan(Protocol):
    """What would come of a form, as a page shows it."""

    @property
    def plan_hash(self) -> str:
        """What names the plan: it is another one as soon as anything that matters is different."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a button made: what to tell, and whose page comes next instead of the one before.

    `then` is what remains to be done after the commit, such as asking a provider: it returns what
    to tell of that. What it refuses is told too, and undoes nothing.
    """

    text: str = ""
    subject: Model | None = None
    then: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that can be done to one object, or with none: adding one.

    `right` is a right in the table of roles. `is_open` says whether the object's state allows it,
    for showing the button only: the service decides; `is_for` asks the same of a person and the
    object. `preview`, a text or a function of the
    object, says beforehand what will happen; `initial` is what the form suggests. `check` runs
    before the transaction, for what must be counted and recorded even when it is refused. `run`
    makes the one service call and returns what to tell the person, or what it :class:`Made`.
    `plan` makes what the first press shows, and nothing where there is nothing to agree to: then it
    is done at once. `form_for` makes the form where it depends on the object. ``max_body_bytes`` is
    for forms with files, which are longer than others.
    """

    name: str
    label: str
    right: str
    run: Callable[[HttpRequest, Any, dict[str, Any]], str | Made]
    is_open: Callable[[Any], bool] = bool
    is_for: Callable[[Any, Any], bool] = anybody
    preview: Callable[[Any], str] | str = ""
    form: type[forms.Form] = ConfirmForm
    form_for: Callable[[Any], type[forms.Form]] | None = None
    initial: Callable[[Any], dict[str, Any]] | None = None
    check: Callable[[HttpRequest, Any, dict[str, Any]], None] = nothing
    plan: Callable[[HttpRequest, Any, dict[str, Any]], Plan | None] | None = None
    template: str = "mdv/admin/action.html"
    is_dangerous: bool = False
    max_body_bytes: int = 0


class ActionView:
    """The page behind one button."""

    def __init__(self, model_admin: "BackOfficeAdmin", action: Action) -> None:
        self.admin = model_admin
        self.action = action
        self.max_body_bytes = action.max_body_bytes

    def __call__(self, request: HttpRequest, object_id: str = "") -> HttpResponse:
        if not request.user.has_perm(self.action.right):
            raise PermissionDenied
        subject = self._subject(request, object_id) if object_id else None
        form_class = self.action.form_for(subject) if self.action.form_for else self.action.form
        if request.method != "POST":
            initial = self.action.initial(subject) if self.action.initial else {}
            return self._page(request, subject, form_class(initial=initial))
        form = form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, subject, form, status=400)
        try:
            self.action.check(request, subject, form.cleaned_data)
            if self.action.plan and not form.cleaned_data[PLAN_HASH]:
                shown = self.action.plan(request, subject, form.cleaned_data)
                if shown is not None:
                    return self._page(request, subject, form, plan=shown)
            done, next_url = self._act(request, subject, form)
        except REFUSALS as exc:
            problem = refusal_of(exc)
            plan = self._plan_now(request, subject, form)
            tell(form, problem)
            page = self._page(request, subject, form, status=problem.status, plan=plan)
            return with_headers(page, problem)
        _tell_of(request, done)
        return HttpResponseRedirect(next_url)

    def _plan_now(
        self, request: HttpRequest, subject: Model | None, form: forms.Form
    ) -> Plan | None:
        """Return what would come of the form now, if it has a plan and anything would."""
        try:
            return (
                self.action.plan(request, subject, form.cleaned_data) if self.action.plan else None
            )
        except DomainError:
            return None

    def _subject(self, request: HttpRequest, object_id: str) -> Model:
        subject = self.admin.get_object(request, object_id)
        if subject is None or not self.admin.has_view_permission(request, subject):
            raise Http404
        return subject

    def _back_url(self, request: HttpRequest, subject: Model | None) -> str:
        back = request.GET.get(BACK, "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        if is_ours and back.startswith(reverse("admin:index")):
            return back
        return self.admin.url_of(subject) if subject else self.admin.url_of_list()

    def _act(
        self, request: HttpRequest, subject: Model | None, form: forms.Form
    ) -> tuple[Made, str]:
        """Do it once per nonce, in one transaction, the outermost; return it and the next page."""
        with transaction.atomic(durable=True):
            claim = claim_form(request, f"admin {self.action.name}", form)
            if claim.is_replay:
                next_url = claim.row.location or self._back_url(request, subject)
                return Made(text=ALREADY_DONE), next_url
            ran = self.action.run(request, subject, form.cleaned_data)
            done = Made(text=ran) if isinstance(ran, str) else ran
            made_url = self.admin.url_of(done.subject) if done.subject else ""
            store_answer(claim.row, status=DONE, location=made_url, body=b"")
        return done, made_url or self._back_url(request, subject)

    def _page(
        self,
        request: HttpRequest,
        subject: Model | None,
        form: forms.Form,
        status: int = 200,
        plan: Plan | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(request),
            "title": self.action.label,
            "subtitle": str(subject or ""),
            "opts": self.admin.model._meta,
            "original": subject,
            "action": self.action,
            "preview": self._preview(subject),
            "form": form,
            "plan": plan,
            "nonce": request.POST.get("nonce") or uuid.uuid4().hex,
            "back_url": self._back_url(request, subject),
        }
        return TemplateResponse(request, self.action.template, context, status=status)

    def _preview(self, subject: Model | None) -> str:
        preview = self.action.preview
        return preview if isinstance(preview, str) else preview(subject)


def _tell_of(request: HttpRequest, done: Made) -> None:
    """Tell what was done, and do and tell what remains now that it is committed."""
    if done.text:
        messages.success(request, done.text)
    if done.then is None:
        return
    try:
        text = done.then()
    except REFUSALS as exc:
        messages.warning(request, sentence(refusal_of(exc)))
    else:
        if text:
            messages.info(request, text)
