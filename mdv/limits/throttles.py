"""The one DRF throttle: which limit a view falls under, and whom it counts."""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from mdv.http.address import bucket
from mdv.kernel import context
from mdv.limits import services

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Limit(BaseThrottle):
    """Hold a request to its view's limits.

    A view may name its own in ``limit_scopes``, a dict of method to scope with ``"*"`` for the
    rest. Otherwise staff count under ``staff`` when they write, and everybody under ``api`` and,
    when they write, ``api_write``. Counted per person when known, else per address.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        for scope in scopes_of(request, view):
            services.enforce(scope, whom(request))
        return True


def whom(request: Request) -> str:
    """Return whom to count: the account behind the token, else the address."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{bucket(context.current().address)}"


def scopes_of(request: Request, view: Any) -> list[str]:
    """List the limits that a request falls under."""
    named: dict[str, str] = getattr(view, "limit_scopes", {})
    own = named.get(request.method or "", named.get("*", ""))
    if own:
        return [own]
    if request.method in SAFE_METHODS:
        return ["api"]
    is_staff = request.user.is_authenticated and request.user.is_staff
    return ["staff"] if is_staff else ["api", "api_write"]
