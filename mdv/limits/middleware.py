"""Tells clients where they stand, and people on pages that they have to wait."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mdv.http import problems
from mdv.http.address import bucket
from mdv.kernel import context
from mdv.limits.counting import Usage
from mdv.limits.services import LimitReached, enforce

REFUSED = {401, 403}


class LimitsMiddleware:
    """Write X-RateLimit-* on every limited answer; Reset is in seconds.

    DRF asks for permission first and counts the rest, and a form whose token is stale never
    reaches a view: what was refused uncounted is counted here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSED and context.LIMIT_USAGE not in context.current().extra:
            response = self._count(request) or response
        usage: Usage | None = context.current().extra.get(context.LIMIT_USAGE)
        if usage is not None:
            response["X-RateLimit-Limit"] = str(usage.limit)
            response["X-RateLimit-Remaining"] = str(usage.remaining)
            response["X-RateLimit-Reset"] = str(usage.reset)
        return response

    def _count(self, request: HttpRequest) -> HttpResponse | None:
        now = context.current()
        person = f"user:{now.actor.id}" if now.actor.id else f"address:{bucket(now.address)}"
        try:
            enforce("api", person)
        except LimitReached as refusal:
            return self.process_exception(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a page that hit a limit, such as the back office's log-in form."""
        problem = problems.problem_for(exception) if isinstance(exception, LimitReached) else None
        return problems.answer(request, problem) if problem else None
