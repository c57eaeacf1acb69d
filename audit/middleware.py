"""Names the actor of admin requests, and writes refusals to the trail."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from audit.models import AuditEntry
from audit.services import record
from mdv.kernel import context

log = structlog.get_logger("mdv.audit")

REFUSALS = {401: "not_authenticated", 403: "forbidden", 429: "rate_limited"}


class AuditMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The API has tokens, not sessions: its authentication names the actor itself.
        if context.current().source == "admin" and request.user.is_authenticated:
            context.set_actor(request.user.as_actor())
        response = self.get_response(request)
        if response.status_code in REFUSALS:
            self._record_refusal(request, response)
        return response

    def _record_refusal(self, request: HttpRequest, response: HttpResponse) -> None:
        usage = context.current().extra.get(context.LIMIT_USAGE)
        if usage is not None and usage.refused and not usage.first_refusal:
            # One entry per window: a flood of refused requests must not become a flood of writes.
            return
        match = request.resolver_match
        try:
            record(
                "denied",
                label=f"{request.method} {match.route if match else 'no route'}",
                outcome=AuditEntry.Outcome.DENIED,
                reason=REFUSALS[response.status_code],
            )
        except DatabaseError:
            # Nothing was done that has to be kept: the refusal stands, also without its entry.
            log.exception("denial_not_recorded")
