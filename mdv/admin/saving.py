"""Saving what was typed into a form: by a service, with refusals shown on the form itself."""

import uuid
from datetime import datetime
from typing import Any, Protocol, cast

from django.contrib import messages
from django.db.models import Model
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from mdv.admin.forms import ServiceForm, StaleForm
from mdv.admin.refusals import REFUSALS, refusal_of, sentence, with_headers
from mdv.admin.sent import claim_form
from mdv.http.problems import Problem
from mdv.idempotency.services import store_answer

ADDED = 303


class KnowsTheTrail(Protocol):
    """What is asked of the admin site, which knows the trail: who changed what of a row when."""

    def changes_since(self, row: Model, since: datetime) -> list[dict[str, Any]]: ...


class SavedByServices(ModelAdmin):
    """Forms whose pages say in ``create``, ``update`` and ``delete_model`` which service saves."""

    form = ServiceForm
    delete_confirmation_template = "mdv/admin/delete.html"
    change_form_before_template = "mdv/admin/form_top.html"

    def create(self, request: HttpRequest, form: Any) -> Model:
        """Make the object that `form` describes, by a service."""
        raise NotImplementedError

    def update(self, request: HttpRequest, obj: Any, form: Any) -> None:
        """Change `obj` as `form` says, by a service."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete `obj`, by a service."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show the form, or save it; what is refused is shown again with what was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as exc:
            if request.method != "POST":
                raise
            if isinstance(exc, StaleForm):
                site = cast("KnowsTheTrail", self.admin_site)
                exc.members = {"changes": site.changes_since(exc.row, exc.since)}
            request.refusal = refusal_of(exc)  # type: ignore[attr-defined]
        list(messages.get_messages(request))  # what was said before COMMIT refused is not true
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[BaseModelForm[Any]]:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["nonce"] = request.POST.get("nonce") or uuid.uuid4().hex
        page = super().render_change_form(request, context, *args, **kwargs)
        form = context["adminform"].form
        if form.is_bound:
            refusal: Problem | None = form.refusal
            page.status_code = refusal.status if refusal else 400
            return with_headers(page, refusal) if refusal else page
        return page

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by a service. What is added is added once per nonce, however often it is sent."""
        if change:
            self.update(request, obj, form)
            return
        claim = claim_form(request, f"admin add {self.model._meta.label_lower}", form)
        if claim.is_replay:
            obj.pk = claim.row.location
            return
        obj.pk = self.create(request, form).pk
        store_answer(claim.row, status=ADDED, location=str(obj.pk), body=b"")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Ask, or delete; a refusal is told on the object's page."""
        back = {"back_url": "../change/", **(extra_context or {})}
        try:
            return super().delete_view(request, object_id, back)
        except REFUSALS as exc:
            if request.method != "POST":
                raise
            refusal = refusal_of(exc)
        list(messages.get_messages(request))
        messages.error(request, sentence(refusal))
        subject = self.get_object(request, object_id)
        meta = self.model._meta
        everything = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        return HttpResponseRedirect(self.url_of(subject) if subject else everything)
