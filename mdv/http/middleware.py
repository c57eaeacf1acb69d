"""The outermost middleware: request id, context, one log line per request."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from mdv.http.address import client_address
from mdv.kernel import context
from mdv.kernel.context import GUEST, Context, Source

ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
MAX_USER_AGENT_LENGTH = 256

log = structlog.get_logger("mdv.request")

Handler = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Give each request an id and a context, and say in the log how it ended."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with context.use(_context(request)) as at_start:
            response = self.get_response(request)
            milliseconds = (time.perf_counter() - started) * 1000
            response["X-Request-ID"] = at_start.request_id
            response["X-Response-Time"] = f"{milliseconds:.1f}ms"
            _log(request, response, milliseconds)
        return response


class HeadMiddleware:
    """Answer HEAD as GET without the body: Django leaves that to the server, which complains."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "HEAD":
            return response
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = ()
        else:
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


class HealthHostMiddleware:
    """Let a platform ask /health under any Host: it asks by an address of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/health" or request.path.startswith("/health/"):
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "health")
        return self.get_response(request)


def request_id_from(header: str) -> str:
    """Return the client's request id if it is harmless, otherwise one of ours."""
    return header if ACCEPTED_REQUEST_ID.fullmatch(header) else uuid.uuid4().hex


def _context(request: HttpRequest) -> Context:
    return Context(
        source=_source(request.path),
        actor=GUEST,
        request_id=request_id_from(request.headers.get("X-Request-ID", "")),
        address=client_address(request),
        # NUL, which PostgreSQL cannot store, would make every write of this request fail.
        user_agent=request.headers.get("User-Agent", "").replace("\0", "")[:MAX_USER_AGENT_LENGTH],
    )


def _source(path: str) -> Source:
    if path == "/admin" or path.startswith("/admin/"):
        return "admin"
    return "webhook" if path.startswith("/api/v1/webhooks/") else "api"


def _log(request: HttpRequest, response: HttpResponse, milliseconds: float) -> None:
    match = request.resolver_match
    actor = context.current().actor
    log.info(
        "request",
        method=request.method,
        # The route, not the path: paths carry cart tokens.
        route=match.route if match else None,
        status=response.status_code,
        milliseconds=round(milliseconds, 1),
        actor=actor.kind,
        actor_id=actor.id,
    )
