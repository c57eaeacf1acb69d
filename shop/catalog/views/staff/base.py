"""What the staff's views have in common."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from django.db.models import Model
from django.urls import reverse
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.permissions import MayByMethod
from mdv.http.preconditions import with_etag
from mdv.http.serializers import StrictSerializer

Row = TypeVar("Row", bound=Model)


class StaffView(GenericAPIView[Row]):
    """``rights`` names the right that each method asks for."""

    has_version = True
    permission_classes = (MayByMethod,)
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    rights: Mapping[str, str]

    def given(self, serializer: type[StrictSerializer], *, partial: bool = False) -> dict[str, Any]:
        """Return what was sent, checked."""
        checked = serializer(data=self.request.data, partial=partial)
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found

    def created(self, shown: Any, *, route: str, name: object, version: int) -> Response:
        """Answer 201, with the path and the version of what was made."""
        headers = {"Location": reverse(route, args=[name])}
        response = Response(shown, status=HTTPStatus.CREATED, headers=headers)
        return with_etag(response, version)
