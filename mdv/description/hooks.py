"""The last hand on the schema: what no single operation can say of itself."""

from typing import Any

from mdv.description.introduction import AREAS, INTRODUCTION, SENTENCES
from mdv.description.words import WORDS
from mdv.http.schema import AMOUNT

PREFIX = "/api/v1/"


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the introduction, the areas, and a sentence where a property's name does not do."""
    result["info"]["description"] = INTRODUCTION
    # Relative: the shop that serves this document.
    result["servers"] = [{"url": "/", "description": "This shop."}]
    used = {_name_area(path, operations) for path, operations in result["paths"].items()}
    for operations in result["paths"].values():
        for operation in operations.values():
            _describe_parameters(operation.get("parameters", []))
    result["tags"] = [
        {"name": name, "description": sentence}
        for name, sentence in SENTENCES.items()
        if name in used
    ]
    for name, schema in result["components"].get("schemas", {}).items():
        _describe_properties(name, schema)
    return result


def area_of(path: str) -> str | None:
    """Return the area that a path is in: that of its longest known beginning."""
    parts = path.removeprefix(PREFIX).split("/")
    beginnings = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((AREAS[beginning] for beginning in beginnings if beginning in AREAS), None)


def _name_area(path: str, operations: dict[str, Any]) -> str | None:
    area = area_of(path)
    for operation in operations.values():
        if area is not None:
            operation["tags"] = [area]
    return area


def _describe_parameters(parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        name = parameter["name"]
        words = WORDS.get(f"{parameter['in']}.{name}") or WORDS.get(name)
        if words:
            parameter.setdefault("description", words)


def _describe_properties(component: str, schema: dict[str, Any]) -> None:
    if "description" in schema:
        schema["description"] = schema["description"].replace("``", "`")
    written = component.removeprefix("Patched").removesuffix("Request")
    for name, described in schema.get("properties", {}).items():
        words = WORDS.get(f"{written}.{name}") or WORDS.get(name)
        if words and described.get("description", AMOUNT) == AMOUNT and "$ref" not in described:
            described["description"] = words
