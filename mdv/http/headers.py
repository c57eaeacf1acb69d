"""Headers that every answer carries, errors and static files included."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}


class HeadersMiddleware:
    """Add what Django and django-csp do not, and keep answers out of shared caches by default."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            # Whoever answers something public says so; all else is personal.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
