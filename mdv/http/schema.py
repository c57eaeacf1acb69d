"""How views describe themselves: in their methods' own words, with each refusal written down."""

import inspect
import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, get_lib_doc_excludes
from rest_framework.permissions import IsAuthenticated

from mdv.http import refusals, responses
from mdv.http.permissions import MayAct
from mdv.http.refusals import IDEMPOTENCY_KEY
from mdv.http.serializers import MoneyField, StrictSerializer
from mdv.kernel.money import CENT, ZERO

AMOUNT = "An amount in the object's `currency`."
END_OF_SENTENCE = re.compile(r"\.(\s|$)")


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
        answers = operation["responses"]
        codes = refusals.codes_of(self.view, self.method, operation, reads_body=self._reads_body())
        for status in sorted(codes):
            refused = refusals.answer(registry, HTTPStatus(status), codes[status])
            answers.setdefault(str(status.value), refused)
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        responses.complete(
            answers,
            registry,
            view=self.view,
            method=self.method,
            is_list=self.method == "GET" and self._is_list_view(),
            is_idempotent=IDEMPOTENCY_KEY in names,
        )
        return operation

    def _reads_body(self) -> bool:
        # An empty object is read too, though no body is described for it.
        return self.method in {"POST", "PUT", "PATCH"} and bool(self.get_request_serializer())

    def get_summary(self) -> str | None:
        """Return the first sentence of the method's docstring, without its full stop."""
        return END_OF_SENTENCE.split(self._words(), maxsplit=1)[0] or None

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return the method's docstring, and who may call it."""
        words = self._words().replace("``", "`")
        return f"{words}\n\n{self._callers()}" if words else ""

    def _words(self) -> str:
        # Only the method's own: a class's sentence would be said of each of its methods.
        name = getattr(self.view, "action", None) or self.method.lower()
        method = getattr(self.view, name, None)
        return inspect.cleandoc(getattr(method, "__doc__", None) or "")

    def _callers(self) -> str:
        for permission in self.view.get_permissions():
            if isinstance(permission, MayAct):
                # A view with a right per method learns here which one this takes.
                rights = getattr(self.view, "rights", {})
                return f"For staff with the right `{rights.get(self.method) or permission.right}`."
            if isinstance(permission, IsAuthenticated):
                return "For who is logged in."
        return "Open to everybody."


class MoneyFieldInWords(OpenApiSerializerFieldExtension):
    """Money as a string, without a minus sign where none is accepted."""

    target_class = MoneyField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        field: MoneyField = self.target
        sign = "-?" if direction == "response" or field.min_value < ZERO else ""
        schema = {
            "type": "string",
            "pattern": rf"^{sign}\d{{1,12}}(\.\d{{1,2}})?$",
            "examples": ["1500.00"],
            "description": AMOUNT,
        }
        if direction == "request" and field.min_value >= CENT:
            schema["description"] = f"{AMOUNT} At least {field.min_value}."
        return schema


def classes_without_words() -> list[Any]:
    """List the classes whose docstrings are for us and say nothing of what derives from them."""
    found: list[Any] = get_lib_doc_excludes()
    return [*found, StrictSerializer]
