"""The cache somewhere else, as patient as in production: tests are more patient otherwise."""

from django.conf import settings


def cache_at(url):
    """Return what ``CACHES`` is with the cache at `url`."""
    default = settings.CACHES["default"]
    patience = dict.fromkeys(["SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT"], settings.REDIS_TIMEOUT_S)
    return {"default": {**default, "LOCATION": url, "OPTIONS": {**default["OPTIONS"], **patience}}}
