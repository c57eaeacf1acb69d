"""The search box above the menu: straight to an order, a product, a person."""

import time
from collections.abc import Iterator

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.dataclasses import SearchResult

from mdv.accounts.models import User
from mdv.admin.base import BackOfficeAdmin
from shop.catalog.models import Product, Variant
from shop.orders.models import Order

SEARCHED = {Order: "receipt_long", Variant: "sell", Product: "sell", User: "group"}
MIN_LENGTH, MAX_LENGTH = 3, 254  # characters
SHOWN_OF_EACH = 5


def search_results(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Find what begins with what was typed, among what this person may see."""
    started = time.perf_counter()
    term = request.GET.get("s", "").replace("\0", "").strip()
    is_long_enough = MIN_LENGTH <= len(term) <= MAX_LENGTH
    results = list(_found(request, site, term)) if is_long_enough else []
    context = {
        "results": results,
        "searched_for": term if is_long_enough else "",
        "page_obj": {"count": len(results)},
        "page_counter": 0,
        "execution_time": time.perf_counter() - started,
    }
    return TemplateResponse(request, "unfold/helpers/command_results.html", context)


def _found(request: HttpRequest, site: AdminSite, term: str) -> Iterator[SearchResult]:
    for model, icon in SEARCHED.items():
        pages = site.get_model_admin(model)
        if not isinstance(pages, BackOfficeAdmin) or not pages.has_view_permission(request):
            continue
        rows, _ = pages.get_search_results(request, pages.get_queryset(request), term)
        for row in rows.order_by(*pages.ordering)[:SHOWN_OF_EACH]:
            yield SearchResult(
                title=str(row),
                description=str(model._meta.verbose_name),
                link=pages.url_of(row),
                icon=icon,
            )
