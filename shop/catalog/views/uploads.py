"""Uploads, cut off before they fill a disk."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import MultiPartParser

from shop.catalog.services.pictures import MAX_FORM_BYTES


class PictureParser(MultiPartParser):
    """Read a form with one picture; a body that cannot be one is not read at all."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FORM_BYTES:
            raise RequestDataTooBig
        return super().parse(stream, media_type, parser_context)
