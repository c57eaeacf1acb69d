"""Tells clients where they stand, and people on pages that they have to wait."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mdv.http import problems
from mdv.kernel import context
from mdv.limits.counting import Usage
from mdv.limits.services import LimitReached


class LimitsMiddleware:
    """Write X-RateLimit-* on every limited answer; Reset is in seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        usage: Usage | None = context.current().extra.get(context.LIMIT_USAGE)
        if usage is not None:
            response["X-RateLimit-Limit"] = str(usage.limit)
            response["X-RateLimit-Remaining"] = str(usage.remaining)
            response["X-RateLimit-Reset"] = str(usage.reset)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a page that hit a limit, such as the back office's log-in form."""
        problem = problems.problem_for(exception) if isinstance(exception, LimitReached) else None
        return problems.answer(request, problem) if problem else None
