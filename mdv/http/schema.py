"""How views describe themselves in the schema: each refusal that can happen is written down."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

from mdv.http import preconditions
from mdv.http.problems import CONTENT_TYPE

# Required of requests that must not happen twice; ``mdv.idempotency`` is behind it.
IDEMPOTENCY_KEY = "Idempotency-Key"

FIELD_PROBLEM = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "A dotted path; empty for the whole."},
        "code": {"type": "string", "examples": ["unknown_field"]},
        "message": {"type": "string"},
    },
}
PROBLEM = {
    "type": "object",
    "description": "A refusal as RFC 9457 has it. Further members depend on the code.",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:mdv:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: rely on it.", "examples": ["invalid"]},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {"type": "array", "items": FIELD_PROBLEM},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}


class Schema(AutoSchema):
    """The API's schema, operation by operation."""

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        problem = _problem_component(registry)
        for status in sorted(self._refusals(operation)):
            operation["responses"].setdefault(
                str(status.value),
                {
                    "description": status.phrase,
                    "content": {CONTENT_TYPE: {"schema": problem.ref}},
                },
            )
        return operation

    def _refusals(self, operation: dict[str, Any]) -> set[HTTPStatus]:
        parameters = operation.get("parameters", [])
        names = {parameter["name"] for parameter in parameters}
        places = {parameter["in"] for parameter in parameters}
        found = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
        found |= self._refusals_of_people()
        if "query" in places:
            found.add(HTTPStatus.BAD_REQUEST)
        if "path" in places:
            found.add(HTTPStatus.NOT_FOUND)
        if self.method not in SAFE_METHODS:
            found.add(HTTPStatus.CONFLICT)
        if "requestBody" in operation:
            found |= {
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            }
        if IDEMPOTENCY_KEY in names:
            found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
        if preconditions.HEADER in names:
            found |= {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED}
        return found

    def _refusals_of_people(self) -> set[HTTPStatus]:
        found = set()
        if self.view.get_authenticators():
            # 403 also for those who have to choose a new password first.
            found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        # What a view refuses for a reason of its own, such as a wrong password.
        return found | set(getattr(self.view, "own_refusals", ()))


def _problem_component(registry: ComponentRegistry) -> ResolvedComponent:
    component = ResolvedComponent(
        name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=PROBLEM
    )
    registry.register_on_missing(component)
    return component
