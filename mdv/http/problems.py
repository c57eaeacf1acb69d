"""Every refusal as RFC 9457 problem+json, in one shape and from one place.

The only module that knows which HTTP status a domain error gets. Driver text, SQL, paths and
versions never leave the house.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import get_error_detail
from rest_framework.response import Response

from mdv.kernel import context
from mdv.kernel.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooMany,
    TryLater,
    Unprocessable,
)

log = structlog.get_logger("mdv.problems")

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:mdv:problem:"
MAX_NAMED_PROBLEMS = 20  # of one request
RETRY_AFTER_S = "1"
# psycopg files them under InternalError.
OUT_OF_SERVICE = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
)

STATUS_OF = {
    Invalid: HTTPStatus.BAD_REQUEST,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    TryLater: HTTPStatus.SERVICE_UNAVAILABLE,
}
# DRF's own codes that name the same thing by another word.
RENAMED = {
    "parse_error": "malformed",
    "authentication_failed": "not_authenticated",
    "permission_denied": "forbidden",
}


# What DRF and Django call a mistake that belongs to no single field.
OF_THE_WHOLE = {"non_field_errors", "__all__"}


@dataclass(frozen=True, kw_only=True)
class Problem:
    status: int
    code: str
    detail: str
    errors: Sequence[FieldProblem] = ()
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            **self.members,
            "type": TYPE_PREFIX + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": [vars(error) for error in _first(self.errors)],
            "request_id": context.current().request_id,
        }


TOO_LARGE = Problem(status=413, code="too_large", detail="The request is too large.")


def _first(errors: Sequence[FieldProblem]) -> Sequence[FieldProblem]:
    """Return as many as a client can use, and how many more there are."""
    more = len(errors) - MAX_NAMED_PROBLEMS
    if more <= 0:
        return errors
    return [*errors[:MAX_NAMED_PROBLEMS], FieldProblem("", "more_problems", f"And {more} more.")]


def problem_for(exc: BaseException | None) -> Problem | None:
    """Return how `exc` is told to a client, or None for what is a fault of ours."""
    if isinstance(exc, DomainError):
        return _domain(exc)
    if isinstance(exc, exceptions.APIException):
        return _api_exception(exc)
    if isinstance(exc, ProtectedError | RestrictedError):
        detail = "Other records depend on it. Archive it instead."
        return Problem(status=409, code="protected", detail=detail)
    if isinstance(exc, DatabaseError | InterfaceError):
        return _database(exc)
    return _framework(exc)


def exception_handler(exc: Exception, drf_context: Mapping[str, Any]) -> Response | None:
    """Answer an API view's exception; what is unknown goes on to :func:`server_error`."""
    problem = problem_for(exc)
    if problem is None:
        return None
    return Response(
        problem.body(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django itself finds malformed or suspicious."""
    found = problem_for(exception)
    return answer(request, found or Problem(status=400, code="malformed", detail="Bad request."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a view that refused someone."""
    return answer(request, Problem(status=403, code="forbidden", detail=Forbidden.detail))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is missing or stale."""
    detail = "The form has expired. Go back, reload the page and send it again."
    return answer(request, Problem(status=403, code="csrf_failed", detail=detail))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a path that leads nowhere."""
    return answer(request, Problem(status=404, code="not_found", detail=NotFound.detail))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that no view caught: a refusal by the database, or a fault of ours."""
    fault = Problem(status=500, code="internal_error", detail="Something went wrong on our side.")
    return answer(request, problem_for(sys.exc_info()[1]) or fault)


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Write `problem` as JSON for API clients and as a plain page for people."""
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        response = HttpResponse(
            orjson.dumps(problem.body(), default=str),
            status=problem.status,
            content_type=CONTENT_TYPE,
        )
    else:
        page = render_to_string("mdv/problem.html", {**problem.body(), "back": _way_back(request)})
        response = HttpResponse(page, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def field_problems(detail: Any, path: str = "") -> Sequence[FieldProblem]:
    """Return what DRF says of a body or of parameters, each with its dotted path."""
    if isinstance(detail, Mapping):
        pairs = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and not all(isinstance(item, str) for item in detail):
        pairs = [(str(index), value) for index, value in enumerate(detail)]
    else:
        items = detail if isinstance(detail, list) else [detail]
        return [FieldProblem(path, getattr(item, "code", "invalid"), str(item)) for item in items]
    found: list[FieldProblem] = []
    for key, value in pairs:
        inner = path if key in OF_THE_WHOLE else f"{path}.{key}".lstrip(".")
        found.extend(field_problems(value, inner))
    return found


def _way_back(request: HttpRequest) -> str:
    """Return where somebody who is stuck can go on."""
    is_staff_only = request.path == "/admin" or request.path.startswith("/admin/")
    return "/admin/" if is_staff_only else "/"


def _domain(exc: DomainError) -> Problem:
    status = next(status for kind, status in STATUS_OF.items() if isinstance(exc, kind))
    headers = {}
    if exc.retry_after is not None:
        headers["Retry-After"] = str(exc.retry_after)
    if isinstance(exc, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Problem(
        status=status,
        code=exc.code,
        detail=exc.message,
        errors=exc.problems,
        members=exc.members,
        headers=headers,
    )


def _api_exception(exc: exceptions.APIException) -> Problem:
    headers = {}
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, exceptions.ValidationError):
        return Problem(
            status=400,
            code="invalid",
            detail="Some fields are not valid.",
            errors=list(field_problems(exc.detail)),
        )
    detail = exc.detail if isinstance(exc.detail, ErrorDetail) else exc.default_detail
    code = str(getattr(detail, "code", exc.default_code))
    return Problem(
        status=exc.status_code,
        code=RENAMED.get(code, code),
        detail=str(detail),
        headers=headers,
    )


def _database(exc: DatabaseError | InterfaceError) -> Problem | None:
    cause = exc.__cause__
    if isinstance(exc, IntegrityError):
        return Problem(status=409, code=_constraint(cause) or "conflict", detail=Conflict.detail)
    if isinstance(exc, OperationalError | InterfaceError) or isinstance(cause, OUT_OF_SERVICE):
        # Lock and statement timeouts, deadlocks, a lost connection.
        detail = "The shop is busy. Please try again."
        headers = {"Retry-After": RETRY_AFTER_S}
        return Problem(status=503, code="try_again", detail=detail, headers=headers)
    if isinstance(exc, DataError):
        # A number out of range or a NUL that no serializer stopped: junk, but worth a look.
        log.error("value_refused_by_database", exc_info=exc)
        return Problem(status=400, code="invalid", detail=Invalid.detail)
    return None


def _constraint(cause: BaseException | None) -> str | None:
    """Return the name of the constraint that refused; a foreign key's says nothing to anybody."""
    if isinstance(cause, psycopg.errors.ForeignKeyViolation) or not isinstance(
        cause, psycopg.Error
    ):
        return None
    return cause.diag.constraint_name


def _framework(exc: BaseException | None) -> Problem | None:
    if isinstance(exc, Http404):
        return Problem(status=404, code="not_found", detail=NotFound.detail)
    if isinstance(exc, PermissionDenied):
        return Problem(status=403, code="forbidden", detail=Forbidden.detail)
    if isinstance(exc, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return TOO_LARGE
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return Problem(status=400, code="malformed", detail="Bad request.")
    if isinstance(exc, DjangoValidationError):
        return _api_exception(exceptions.ValidationError(get_error_detail(exc)))
    return None
