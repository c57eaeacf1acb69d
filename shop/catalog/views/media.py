"""Uploaded pictures, served as nothing but pictures."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from shop.catalog.services.pictures import CONTENT_TYPE

# Only what `add_image` names so: other things may lie in the same storage.
NAME = r"products/[0-9a-f]{32}(?:-small)?\.webp"
HEADERS = {
    # The name is random and its content never changes.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'",
    # A shop's front end on another host shows them.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send a picture from the storage."""
    if not re.fullmatch(NAME, name):
        raise Http404
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type=CONTENT_TYPE, headers=HEADERS)
