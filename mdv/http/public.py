"""Reads that are the same for everybody: no log-in, a short public lifetime, ETag and 304."""

from http import HTTPStatus
from typing import Any

from django.utils.cache import patch_cache_control
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.http.etags import tagged


class PublicView(APIView):
    """A view whose answers anybody may keep for ``max_age_s`` seconds.

    A token is not looked at: one that has expired is no reason not to browse.
    """

    has_etag = True
    authentication_classes = ()
    permission_classes = (AllowAny,)
    max_age_s = 5

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in SAFE_METHODS and final.status_code == HTTPStatus.OK
        if is_read:
            patch_cache_control(final, public=True, max_age=self.max_age_s)
            tagged(request, final)
        return final
