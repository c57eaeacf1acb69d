"""How long a body may be, decided before a byte of it is read.

Django looks for a form's CSRF token before it asks who is there, and to find it writes whatever
files come with the form to the disk.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mdv.http.problems import TOO_LARGE, Problem, answer

LENGTH_REQUIRED = Problem(
    status=HTTPStatus.LENGTH_REQUIRED,
    code="length_required",
    detail="Send a Content-Length: bodies in chunks are not read.",
)


class BodiesMiddleware:
    """Refuse a body that is longer than its page takes, or does not say how long it is.

    A view that takes more than a form says so in ``max_body_bytes``. For a page with a form that
    holds for staff alone; a view of the API reads nothing before it knows who is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer in the view's place: before the CSRF check, whose middleware comes later."""
        if "Transfer-Encoding" in request.headers:
            return answer(request, LENGTH_REQUIRED)
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and length > _allowance(request, view):
            return answer(request, TOO_LARGE)
        return None


def _allowance(request: HttpRequest, view: Any) -> int:
    own: int = getattr(getattr(view, "cls", view), "max_body_bytes", 0)
    reads_late = hasattr(view, "cls")
    if reads_late or (request.user.is_authenticated and request.user.is_staff):
        return own
    return 0
