"""Refunds as staff find and read them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.permissions import may
from refunds.filters import RefundFilter
from refunds.models import Refund, RefundQuerySet
from refunds.serializers.refunds import StaffRefundOut

VIEWING = may("refunds.view_refund")


def all_of_it() -> RefundQuerySet:
    """Return all refunds with what staff see of each."""
    seen_with_it = ("of_return", "requested_by", "approved_by", "credit_note")
    return Refund.objects.with_lines().select_related(*seen_with_it)


def shown(number: str) -> dict[str, Any]:
    """Return a refund as it is now."""
    found: dict[str, Any] = StaffRefundOut(all_of_it().get(number=number)).data
    return found


class RefundsView(GenericAPIView[Refund]):
    permission_classes = (VIEWING,)
    serializer_class = StaffRefundOut
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    filterset_class = RefundFilter
    queryset = Refund.objects.none()

    def get_queryset(self) -> RefundQuerySet:
        return all_of_it().order_by("-requested_at", "-id")

    @extend_schema(operation_id="staff_refunds_list", responses=StaffRefundOut(many=True))
    def get(self, request: Request) -> Response:
        """List refunds, the newest first: all, or what waits for somebody.

        `worklist` is `to_approve`, `to_transfer` (agreed to, and to be moved at the bank),
        `in_limbo` (the provider was asked and is not done, or nobody knows) or `failed`.
        """
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffRefundOut(rows, many=True).data)


class RefundView(APIView):
    permission_classes = (VIEWING,)

    @extend_schema(operation_id="staff_refunds_retrieve", responses=StaffRefundOut)
    def get(self, request: Request, number: str) -> Response:
        """Show a refund: what it is for, who asked, who agreed, and what came of it."""
        return Response(StaffRefundOut(get_object_or_404(all_of_it(), number=number)).data)
