"""Buttons of a detail page: each a page that says what will happen, then one service call.

Nothing happens on GET. A form carries a nonce as its idempotency key, so that a double click or a
reload does it once. What the database refuses at COMMIT is shown like any other refusal.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from mdv.http.problems import Problem, problem_for
from mdv.idempotency.services import check_key, claim_key, store_answer
from mdv.kernel.errors import DomainError

if TYPE_CHECKING:
    from mdv.admin.base import BackOfficeAdmin

DONE = 303


class ConfirmForm(forms.Form):
    """Nothing to fill in: only whether."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that can be done to one object.

    `right` is a right in the table of roles. `is_open` says whether the object's state allows it,
    for showing the button only: the service decides. `run` makes the one service call and returns
    what to tell the person. `preview`, a text or a function of the object, says beforehand what
    will happen.
    """

    name: str
    label: str
    right: str
    run: Callable[[HttpRequest, Any, dict[str, Any]], str]
    is_open: Callable[[Any], bool] = bool
    preview: Callable[[Any], str] | str = ""
    form: type[forms.Form] = ConfirmForm
    is_dangerous: bool = False


class ActionView:
    """The page behind one button."""

    def __init__(self, model_admin: "BackOfficeAdmin", action: Action) -> None:
        self.admin = model_admin
        self.action = action

    def __call__(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not request.user.has_perm(self.action.right):
            raise PermissionDenied
        subject = self.admin.get_object(request, object_id)
        if subject is None or not self.admin.has_view_permission(request, subject):
            raise Http404
        if request.method != "POST":
            return self._page(request, subject, self.action.form())
        form = self.action.form(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, subject, form, status=400)
        refusal = self._act(request, subject, form.cleaned_data)
        if refusal is None:
            return HttpResponseRedirect(self._detail_url(subject))
        form.add_error(None, _sentence(refusal))
        return self._page(request, subject, form, status=refusal.status)

    def _act(self, request: HttpRequest, subject: Model, filled: dict[str, Any]) -> Problem | None:
        try:
            with transaction.atomic(durable=True):
                claim = claim_key(
                    principal=f"user:{request.user.pk}",
                    route=f"admin {self.action.name}",
                    key=check_key(request.POST.get("nonce", "")),
                    body=request.path,
                )
                if claim.is_replay:
                    messages.info(request, "This was done already.")
                    return None
                text = self.action.run(request, subject, filled)
                store_answer(claim.row, status=DONE, location="", body=b"")
        except (DomainError, DatabaseError) as refusal:
            problem = problem_for(refusal)
            if problem is None:
                raise
            return problem
        messages.success(request, text)
        return None

    def _page(
        self, request: HttpRequest, subject: Model, form: forms.Form, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(request),
            "title": self.action.label,
            "subtitle": str(subject),
            "opts": self.admin.model._meta,
            "original": subject,
            "action": self.action,
            "preview": self._preview(subject),
            "form": form,
            "nonce": request.POST.get("nonce") or uuid.uuid4().hex,
            "back_url": self._detail_url(subject),
        }
        return TemplateResponse(request, "mdv/admin/action.html", context, status=status)

    def _preview(self, subject: Model) -> str:
        preview = self.action.preview
        return preview if isinstance(preview, str) else preview(subject)

    def _detail_url(self, subject: Model) -> str:
        meta = self.admin.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[subject.pk])


def _sentence(problem: Problem) -> str:
    """Return what to tell a person: the refusal, and what is wrong with which field."""
    fields = [f"{error.field}: {error.message}" for error in problem.errors]
    return " ".join([problem.detail, *fields])
