"""Parts of paths."""

from django.urls.converters import StringConverter


class PlainConverter(StringConverter):
    """A number, token, SKU or code. What cannot be one is a 404 before anybody looks for it."""

    regex = r"[A-Za-z0-9._-]{1,128}"
