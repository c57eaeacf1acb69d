"""What every response of an operation is described with: a sentence, and its headers."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

SENTENCES = {
    "200": "As asked for.",
    "201": "It was made.",
    "202": "Taken up; it will be done.",
    "204": "Done. There is nothing more to say.",
    "304": "You have it already: this is the ETag that you sent as If-None-Match.",
}
REPLAYED = "Idempotent-Replayed"
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of this request: yours if you sent one, otherwise ours.",
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {
        "description": "How many requests the limit allows, where one counted.",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Reset": {
        "description": "After how many seconds counting starts anew.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "After how many seconds trying again makes sense.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {
        "description": "How to log in: with a bearer token.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "The path of what was made, without scheme and host.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {
        "description": "The version that is shown. Send it as If-Match with a change, "
        "or as If-None-Match to read again only what is new.",
        "schema": {"type": "string"},
    },
    REPLAYED: {
        "description": "`true` when this is the stored answer to an earlier request with the "
        "same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
# Every answer has the id and most have the limit; written down where clients act on them.
LIMIT = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
OF_STATUS = {
    "401": ["WWW-Authenticate"],
    "409": ["Retry-After"],
    "429": ["Retry-After", *LIMIT],
    "503": ["Retry-After"],
}


def complete(
    responses: dict[str, Any],
    registry: ComponentRegistry,
    *,
    view: Any,
    method: str,
    is_list: bool,
    is_idempotent: bool,
) -> None:
    """Give each response a sentence and the headers that it may have.

    A view says with ``has_etag`` that all it shows has an ETag, with ``has_version`` that single
    things have, and with ``has_location = False`` that what it makes has no path of its own.
    """
    has_etag = getattr(view, "has_etag", False)
    is_tagged = has_etag or (getattr(view, "has_version", False) and not is_list)
    if has_etag and method in SAFE_METHODS:
        responses["304"] = {}
    for status, response in responses.items():
        is_success = status.startswith("2")
        names = ["X-Request-ID", *OF_STATUS.get(status, ()), *(LIMIT if is_success else ())]
        if status == "201" and getattr(view, "has_location", True):
            names.append("Location")
        if status in {"200", "201", "304"} and is_tagged:
            names.append("ETag")
        if is_success and is_idempotent:
            names.append(REPLAYED)
        response["description"] = response.get("description") or SENTENCES.get(
            status, HTTPStatus(int(status)).phrase
        )
        headers = {name: _header(registry, name) for name in names}
        response["headers"] = {**headers, **response.get("headers", {})}


def _header(registry: ComponentRegistry, name: str) -> dict[str, str]:
    component = ResolvedComponent(
        name=name, type=ResolvedComponent.HEADER, object=name, schema=HEADERS[name]
    )
    registry.register_on_missing(component)
    return component.ref
