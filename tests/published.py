"""Every answer of the API that a test gets is held to what the schema says of its operation."""

import functools
import re
from http import HTTPStatus

import orjson
from django.urls import Resolver404
from drf_spectacular.generators import SchemaGenerator

PROBLEM = "application/problem+json"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# Those that every answer may have and the schema tells of in general.
TOLD_OF = ("Location", "ETag", "Retry-After", "Idempotent-Replayed")


@functools.cache
def schema():
    # Also where a test puts other routes in their place.
    return SchemaGenerator(urlconf="mdv.urls").get_schema(request=None, public=True)


def route_of(response):
    """Return the route that answered, or nothing for a path that leads nowhere."""
    try:
        return response.resolver_match.route
    except (AttributeError, Resolver404):
        return ""


def undeclared(method, route, response):
    """Return what `response` shows that its operation does not declare, in words, or nothing."""
    operation = schema()["paths"].get("/" + PARAMETER.sub(r"{\1}", route), {}).get(method.lower())
    if operation is None or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ""
    where = f"{method} {route} answers {response.status_code}"
    declared = operation["responses"].get(str(response.status_code))
    if declared is None:
        return "" if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED else where
    code = code_of(response)
    if code and code not in codes(declared):
        return f"{where} {code}: add it to the view's `refusals`"
    headers = [name for name in TOLD_OF if name in response.headers]
    missing = [name for name in headers if name not in declared["headers"]]
    if missing:
        return f"{where} with {', '.join(missing)}: see mdv/http/responses.py"
    if not response.headers.get("Location", "/").startswith("/"):
        return f"{where} with a Location that is not a path"
    return ""


def codes(declared):
    """Return the codes that a refusal's response lists."""
    refused = declared["content"][PROBLEM]["schema"]
    if "properties" in refused:
        return refused["properties"]["code"]["enum"]
    component = refused["$ref"].rpartition("/")[2]
    return [schema()["components"]["schemas"][component]["properties"]["code"]["const"]]


def code_of(response):
    is_problem = response.headers.get("Content-Type", "").startswith(PROBLEM)
    return orjson.loads(response.content)["code"] if is_problem else ""
