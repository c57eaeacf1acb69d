"""Health for platforms and people, and the landing page."""

from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mdv.accounts.authentication import TokenAuthentication
from mdv.kernel import clock
from mdv.kernel.errors import TooMany
from mdv.ops import demo_accounts, health


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Lead to what is here; in local mode also say whom to log in as."""
    people = [*demo_accounts.STAFF.values(), demo_accounts.CUSTOMER] if settings.MDV_LOCAL else []
    context = {
        "store": settings.STORE_NAME,
        "people": people,
        "password": demo_accounts.PASSWORD if people else "",
    }
    return render(request, "mdv/landing.html", context)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process is there. No I/O."""
    return _json({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether this process may get traffic: 200, or 503 with the reason."""
    is_ready, reason = health.is_ready()
    if is_ready:
        return _json({"status": "ready"})
    return _json({"status": "not_ready", "reason": reason}, HTTPStatus.SERVICE_UNAVAILABLE)


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Answer how the shop is: 503 when critical. Figures are for staff, words for everybody."""
    at = clock.now()
    status, checks = health.measure(at=at)
    if status == health.CRITICAL or not _is_staff(request):
        checks = {name: {"status": figures["status"]} for name, figures in checks.items()}
    body = {
        "status": status,
        "timestamp": at.isoformat(),
        "version": settings.VERSION,
        "checks": checks,
    }
    is_critical = status == health.CRITICAL
    return _json(body, HTTPStatus.SERVICE_UNAVAILABLE if is_critical else HTTPStatus.OK)


def _is_staff(request: HttpRequest) -> bool:
    """Tell whether staff are asking, by session or by token."""
    if request.user.is_authenticated:
        return request.user.is_staff
    try:
        found = TokenAuthentication().authenticate(Request(request))
    except (AuthenticationFailed, TooMany):
        return False
    return found is not None and found[0].is_staff


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
