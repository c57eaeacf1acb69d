"""Health for platforms and people, and the landing page."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mdv.accounts import staff_sessions
from mdv.accounts.authentication import TokenAuthentication
from mdv.http.problems import Problem, answer
from mdv.kernel import clock
from mdv.kernel.errors import DomainError
from mdv.ops import demo_accounts, health
from mdv.ops.models import BooksCheck, BooksStatus, Finding
from mdv.ops.readiness import reason_not_ready

log = structlog.get_logger("mdv.health")

View = Callable[[HttpRequest], HttpResponse]


def only_read(view: View) -> View:
    """Answer every method but GET and HEAD with 405."""

    @csrf_exempt  # else a POST would hear of a form that has expired
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        problem = Problem(
            status=HTTPStatus.METHOD_NOT_ALLOWED,
            code="method_not_allowed",
            detail="This can only be read.",
            headers={"Allow": "GET, HEAD"},
        )
        return answer(request, problem)

    return checked


@only_read
def landing(request: HttpRequest) -> HttpResponse:
    """Lead to what is here; in local mode also say whom to log in as."""
    people = [*demo_accounts.STAFF.values(), demo_accounts.CUSTOMER] if settings.MDV_LOCAL else []
    context = {
        "store": settings.STORE_NAME,
        "people": people,
        "password": demo_accounts.PASSWORD if people else "",
    }
    return render(request, "mdv/landing.html", context)


@only_read
def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process is there. No I/O."""
    return _json({"status": "alive"})


@only_read
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether this process may get traffic: 200, or 503 with the reason."""
    reason = reason_not_ready()
    if not reason:
        return _json({"status": "ready"})
    return _json({"status": "not_ready", "reason": reason}, HTTPStatus.SERVICE_UNAVAILABLE)


@only_read
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


@only_read
def books(request: HttpRequest) -> HttpResponse:
    """Answer how the books are: 503 when they are wrong or were not checked for too long.

    The words are for everybody, the figures of each invariant for staff.
    """
    at = clock.now()
    try:
        last = BooksCheck.objects.newest()
    except (DatabaseError, InterfaceError) as error:
        log.warning("health_unknown", error=type(error).__name__)
        unknown = {"status": health.UNKNOWN, "timestamp": at.isoformat()}
        return _json(unknown, HTTPStatus.SERVICE_UNAVAILABLE)
    status = health.books_status(last, at=at)
    shows_figures = _is_staff(request)
    body = {
        "status": status,
        "timestamp": at.isoformat(),
        "checked_at": last.checked_at.isoformat() if last else None,
        "invariants": [
            _invariant(found, shows_figures=shows_figures)
            for found in (last.findings if last else [])
        ],
    }
    is_alarm = status in {BooksStatus.UNBALANCED, health.OVERDUE}
    return _json(body, HTTPStatus.SERVICE_UNAVAILABLE if is_alarm else HTTPStatus.OK)


def _invariant(found: Finding, *, shows_figures: bool) -> dict[str, Any]:
    words = {"number": found.number, "status": found.status}
    if not shows_figures:
        return words
    return {
        **words,
        "count": found.count,
        "took_ms": found.took_ms,
        "checked_at": found.checked_at.isoformat(),
    }


def _is_staff(request: HttpRequest) -> bool:
    """Tell whether staff are asking, by session or by token. Whoever fails to show it is not."""
    try:
        if request.user.is_authenticated:
            is_over = staff_sessions.has_ended(request.session, at=clock.now())
            return request.user.is_staff and not is_over and not request.user.must_change_password
        found = TokenAuthentication().authenticate(Request(request))
    except (AuthenticationFailed, DomainError, DatabaseError, InterfaceError):
        return False
    return found is not None and found[0].is_staff


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
