"""Tells clients where they stand, and holds the admin's log-in form to the log-in limit."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mdv.limits.counting import Usage


class LimitsMiddleware:
    """Write X-RateLimit-* on every limited answer; Reset is in seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        usage: Usage | None = getattr(request, "limit_usage", None)
        if usage is not None:
            response["X-RateLimit-Limit"] = str(usage.limit)
            response["X-RateLimit-Remaining"] = str(usage.remaining)
            response["X-RateLimit-Reset"] = str(usage.reset)
        return response
