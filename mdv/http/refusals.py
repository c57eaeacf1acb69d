"""Which refusals an operation may answer: those that its shape brings, and those it declares.

A view declares its own in ``refusals``: from a method, or ``"*"`` for the rest, to classes of
:class:`DomainError`. A name in their place is a constraint's, or ``protected``, and is a 409.
"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

from mdv.http import preconditions
from mdv.http.permissions import MayAct
from mdv.http.problems import CONTENT_TYPE, STATUS_OF
from mdv.kernel.errors import DomainError

# Required of requests that must not happen twice; ``mdv.idempotency`` is behind it.
IDEMPOTENCY_KEY = "Idempotency-Key"

Codes = dict[HTTPStatus, set[str]]
Refusal = type[DomainError] | str

FIELD_PROBLEM = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "A dotted path; empty for the whole."},
        "code": {"type": "string", "examples": ["unknown_field"]},
        "message": {"type": "string"},
    },
}
MEMBERS: dict[str, Any] = {
    "type": {"type": "string", "examples": ["urn:mdv:problem:invalid"]},
    "title": {"type": "string", "description": "The status in words."},
    "status": {"type": "integer"},
    "code": {"type": "string", "description": "Stable: rely on it.", "examples": ["invalid"]},
    "detail": {"type": "string", "description": "A sentence for people."},
    "errors": {
        "type": "array",
        "items": FIELD_PROBLEM,
        "description": "What is wrong with which field or parameter, where that can be said.",
    },
    "request_id": {"type": "string", "description": "What to name when asking the shop."},
}
PROBLEM = {
    "type": "object",
    "description": "A refusal as RFC 9457 has it. Further members depend on the code.",
    "required": list(MEMBERS),
    "properties": MEMBERS,
    "additionalProperties": True,
}
UNREADABLE: dict[HTTPStatus, set[str]] = {
    HTTPStatus.BAD_REQUEST: {"invalid", "malformed", "malformed_json", "too_many_values"},
    HTTPStatus.LENGTH_REQUIRED: {"length_required"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"too_large"},
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {"unsupported_media_type"},
}


def codes_of(view: Any, method: str, operation: Mapping[str, Any], *, reads_body: bool) -> Codes:
    """Return the codes that an operation may answer, by status."""
    found: Codes = {
        HTTPStatus.TOO_MANY_REQUESTS: {"rate_limited"},
        HTTPStatus.SERVICE_UNAVAILABLE: {"try_again"},
    }
    for part in (
        _of_people(view),
        _of_shape(method, operation, reads_body=reads_body),
        _declared(view, method),
    ):
        for status, codes in part.items():
            found.setdefault(status, set()).update(codes)
    return found


def answer(registry: ComponentRegistry, status: HTTPStatus, codes: set[str]) -> dict[str, Any]:
    """Return the response that describes a refusal with one of `codes`."""
    named = sorted(codes)
    classes = {kind.code: kind for kind in _descendants(DomainError)}
    # Of two classes with one code, such as wrong passwords' `invalid`, neither sentence is the one.
    lines = [f"- `{code}`{_sentence(classes.get(code))}" for code in named]
    special = [
        _component(registry, code, classes[code].described).ref
        for code in named
        if code in classes and classes[code].described
    ]
    problem = _component(registry, "", {}).ref
    schema: dict[str, Any] = {"anyOf": [*special, problem]} if special else {**problem}
    if len(special) == len(named) == 1:
        schema = special[0]
    else:
        schema["properties"] = {"code": {"enum": named}}
    return {
        "description": f"{status.phrase}, with one of these codes:\n\n" + "\n".join(lines),
        "content": {CONTENT_TYPE: {"schema": schema}},
    }


def _of_people(view: Any) -> Codes:
    if not view.get_authenticators():
        return {}
    found: Codes = {HTTPStatus.UNAUTHORIZED: {"invalid_token", "not_authenticated"}}
    refused = set()
    if not getattr(view, "is_open_before_password_change", False):
        refused.add("password_change_required")
    if any(isinstance(permission, MayAct) for permission in view.get_permissions()):
        refused.add("forbidden")
    return {**found, HTTPStatus.FORBIDDEN: refused} if refused else found


def _of_shape(method: str, operation: Mapping[str, Any], *, reads_body: bool) -> Codes:
    parameters = operation.get("parameters", [])
    names = {parameter["name"] for parameter in parameters}
    places = {parameter["in"] for parameter in parameters}
    found: Codes = {}
    if "query" in places:
        found[HTTPStatus.BAD_REQUEST] = {"invalid"}
    if "path" in places:
        found[HTTPStatus.NOT_FOUND] = {"not_found"}
    if method not in SAFE_METHODS:
        found[HTTPStatus.CONFLICT] = {"conflict"}
    if reads_body or IDEMPOTENCY_KEY in names:
        found |= {status: set(codes) for status, codes in UNREADABLE.items()}
    if IDEMPOTENCY_KEY in names:
        found[HTTPStatus.BAD_REQUEST].add("idempotency_key_required")
        found[HTTPStatus.CONFLICT].add("still_running")
        found[HTTPStatus.UNPROCESSABLE_ENTITY] = {"idempotency_mismatch"}
    if preconditions.HEADER in names:
        found[HTTPStatus.PRECONDITION_FAILED] = {"stale"}
        found[HTTPStatus.PRECONDITION_REQUIRED] = {"precondition_required"}
    return found


def _declared(view: Any, method: str) -> Codes:
    declared: Mapping[str, Sequence[Refusal]] = getattr(view, "refusals", {})
    found: Codes = {}
    for refusal in declared.get(method, declared.get("*", ())):
        if isinstance(refusal, str):
            found.setdefault(HTTPStatus.CONFLICT, set()).add(refusal)
            continue
        status = next(status for kind, status in STATUS_OF.items() if issubclass(refusal, kind))
        found.setdefault(status, set()).add(refusal.code)
    return found


def _descendants(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield from _descendants(child)
        # Its own sentence, not a grandchild's, when both have the same code.
        yield child


def _sentence(kind: type[DomainError] | None) -> str:
    return f": {kind.detail}" if kind is not None else ""


def _component(
    registry: ComponentRegistry, code: str, members: Mapping[str, Any]
) -> ResolvedComponent:
    """Register what a problem looks like: in general, or that of one code with its `members`."""
    schema: dict[str, Any] = PROBLEM
    if code:
        only = {"type": "string", "const": code}
        schema = {
            **PROBLEM,
            "description": f"A refusal with the code `{code}`.",
            "properties": {**MEMBERS, "code": only, **members},
        }
    name = "".join(word.capitalize() for word in code.split("_")) + "Problem"
    component = ResolvedComponent(
        name=name, type=ResolvedComponent.SCHEMA, object=name, schema=schema
    )
    registry.register_on_missing(component)
    return component
