"""If-Match: a change says which version it was made for, and never lands on another."""

import re

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.kernel.errors import PreconditionRequired

HEADER = "If-Match"
# Proxies that compress mark the ETag as weak: it still names the version.
ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')
NO_VERSION = 0  # versions start at 1

IF_MATCH = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what was read. 428 without it, 412 if it changed since.",
)


def expected_version(request: Request) -> int:
    """Return the version that a change is meant for. An ETag that is not ours matches none.

    Raises:
        PreconditionRequired: 428, there is no If-Match.
    """
    header = request.headers.get(HEADER, "").strip()
    if not header:
        raise PreconditionRequired
    match = ETAG.fullmatch(header)
    return int(match.group(1)) if match else NO_VERSION


def with_etag(response: Response, version: int) -> Response:
    """Name the version that `response` shows."""
    response["ETag"] = f'"{version}"'
    return response
