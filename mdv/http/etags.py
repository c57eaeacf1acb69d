"""ETags of what an answer says: who has these very bytes already gets 304."""

from functools import partial

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from rest_framework.request import Request
from rest_framework.response import Response


def tagged(request: Request, response: Response) -> Response:
    """Give `response` the ETag of its bytes, and answer 304 to a client that sent it."""
    response.add_post_render_callback(partial(_answer, request))
    return response


def _answer(request: Request, response: HttpResponse) -> HttpResponseBase | None:
    set_response_etag(response)
    if "If-Match" in request.headers:
        # It guards changes. On a read Django would answer it with a bare 412.
        return None
    return get_conditional_response(request._request, response["ETag"], None, response)  # noqa: SLF001
