"""The page of what something was at an instant, beside its own page."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from mdv.admin.base import BackOfficeAdmin


def page_of_the_past(
    pages: BackOfficeAdmin,
    *,
    name: str,
    template: str,
    may_open: Callable[[HttpRequest], bool],
    facts_of: Callable[[HttpRequest, Any], dict[str, Any]],
) -> URLPattern:
    """Return the address of the page, which shows what `facts_of` says of the object."""

    def view(request: HttpRequest, object_id: int) -> HttpResponse:
        if not may_open(request):
            raise PermissionDenied
        found = pages.get_object(request, str(object_id))
        if found is None:
            raise Http404
        context = {
            **pages.admin_site.each_context(request),
            "title": "As it was",
            "subtitle": str(found),
            "opts": pages.model._meta,
            "original": found,
            **facts_of(request, found),
        }
        return TemplateResponse(request, template, context)

    return path("<int:object_id>/as-it-was/", pages.admin_site.admin_view(view), name=name)
