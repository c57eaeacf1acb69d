"""The door for requests that must not happen twice: a decorator for API views."""

from collections.abc import Callable, Collection
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.refusals import IDEMPOTENCY_KEY
from mdv.http.responses import REPLAYED
from mdv.idempotency import services
from mdv.idempotency.models import IdempotencyKey
from mdv.idempotency.secrets import Secret
from mdv.kernel import clock

KEY_PARAMETER = OpenApiParameter(
    IDEMPOTENCY_KEY,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="16 to 128 letters, digits, dots, dashes; from guests at least 22, and random: a "
    "UUID fits. Sent again with the same request it gets the same answer, and nothing happens "
    "twice.",
)

Method = Callable[..., Response]


def idempotent(method: Method) -> Callable[..., HttpResponse]:
    """Run a view's method once per Idempotency-Key and repeat its answer afterwards.

    The key, the effect and the answer are one transaction, the outermost: what the database
    refuses at COMMIT is refused here. A refusal is not kept, so the key may be used again.
    """
    return _once(method, None)


def idempotent_with(secret: Secret) -> Callable[[Method], Callable[..., HttpResponse]]:
    """Do as :func:`idempotent` does, and leave `secret` out of what is stored of the answer."""
    return lambda method: _once(method, secret)


def _once(method: Method, secret: Secret | None) -> Callable[..., HttpResponse]:
    @wraps(method)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        principal = principal_of(request)
        key = key_of(request)
        body = [request.path, request.data]
        with transaction.atomic(durable=True):
            claim = services.claim_key(
                principal=principal,
                route=_route_of(request),
                key=key,
                body=body,
            )
            if claim.is_replay:
                return _again(claim.row, secret)
            response = method(view, request, *args, **kwargs)
            rendered = JSONRenderer().render(response.data)
            location = response.headers.get("Location", "")
            services.store_answer(
                claim.row,
                status=response.status_code,
                location=location,
                body=secret.blank(rendered) if secret else rendered,
            )
        return _answer(response.status_code, rendered, location)

    return once


def in_two_steps(
    request: Request,
    *,
    begin: Callable[[], str],
    finish: Callable[[str], Response],
    secrets: Collection[str] = (),
) -> HttpResponse:
    """Run what needs the outside world once per Idempotency-Key, and repeat its answer afterwards.

    `begin` makes an object and returns its name; it is committed together with the key. `finish`
    gets the name, may call the outside, and returns the answer. A request that died in between is
    finished by its repetition, from the same object. What `finish` raises is not kept. `secrets`
    are members of the body of which nothing is stored, not even a digest: a password, say.
    """
    principal = principal_of(request)
    key = key_of(request)
    with transaction.atomic(durable=True):
        claim = services.claim_key(
            principal=principal,
            route=_route_of(request),
            key=key,
            body=[request.path, _without(secrets, request.data)],
        )
        row = claim.row
        if claim.is_unfinished:
            row = services.take_over_key(row, at=clock.now())
        if row.status is not None:
            return _again(row)
        if not claim.is_replay:
            services.hold_key(row, subject=begin(), at=clock.now())
    try:
        response = finish(row.subject)
    except BaseException:
        services.release_key(row)
        raise
    rendered = JSONRenderer().render(response.data)
    services.store_answer(row, status=response.status_code, location="", body=rendered)
    return _answer(response.status_code, rendered, "")


def _without(secrets: Collection[str], sent: Any) -> Any:
    if not secrets:
        return sent
    return {name: value for name, value in sent.items() if name not in secrets}


def key_of(request: Request) -> str:
    """Return a request's Idempotency-Key; for doors that ask for it before they read the rest.

    Raises:
        IdempotencyKeyRequired: 400, there is none, or it is no key.
    """
    key = request.headers.get(IDEMPOTENCY_KEY, "")
    return services.check_key(key, principal=principal_of(request))


def principal_of(request: Request) -> str:
    """Return whose key it is.

    A guest's is its own: somebody who changes networks between two tries is still the same. Who
    guessed it would also have to send the same body, to the letter, before anything is repeated.
    """
    return f"user:{request.user.pk}" if request.user.is_authenticated else services.GUEST


def _route_of(request: Request) -> str:
    match = request.resolver_match
    return f"{request.method} {match.route if match else request.path}"


def _again(row: IdempotencyKey, secret: Secret | None = None) -> HttpResponse:
    stored = bytes(row.body)
    body = secret.fill(stored) if secret else stored
    response = _answer(row.status or HTTPStatus.OK, body, row.location)
    response[REPLAYED] = "true"
    return response


def _answer(status: int, body: bytes, location: str) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    if location:
        response["Location"] = location
    return response
