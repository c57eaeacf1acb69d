"""Stock as staff see and correct it."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.filters import StrictFilterBackend, check_parameters, moment
from mdv.http.pagination import CURSOR, PAGE_SIZE, StaffPages
from mdv.http.permissions import MayByMethod
from mdv.http.serializers import StrictSerializer
from mdv.idempotency.doors import KEY_PARAMETER, idempotent
from shop.catalog.models import Variant
from shop.stock import services
from shop.stock.filters import LevelFilter
from shop.stock.models import StockItem, StockMovement
from shop.stock.serializers import (
    AdjustIn,
    LevelOut,
    LevelWithLedgerOut,
    LowLevelIn,
    MovementOut,
    ReceiveIn,
)

AT = "at"


class StockView(GenericAPIView[Any]):
    """A view of levels. A variant that never had stock has a level too: none."""

    permission_classes = (MayByMethod,)
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)
    serializer_class = LevelOut
    queryset = Variant.objects.all()
    rights = {"GET": "stock.view_stockitem"}

    def get_queryset(self) -> QuerySet[Any]:
        return levels().order_by("sku", "id")

    def given(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return what was sent, checked."""
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found


class LevelsView(StockView):
    filterset_class = LevelFilter

    @extend_schema(responses=LevelOut(many=True))
    def get(self, request: Request) -> Response:
        """List the levels of all variants, by SKU."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(LevelOut(page, many=True).data)


class LowLevelsView(StockView):
    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(stock__in=StockItem.objects.running_out())

    @extend_schema(operation_id="staff_stock_low_list", responses=LevelOut(many=True))
    def get(self, request: Request) -> Response:
        """List what has fallen to the level that warns and is still sold."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(LevelOut(page, many=True).data)


class LevelView(StockView):
    @extend_schema(
        responses=LevelWithLedgerOut,
        parameters=[
            OpenApiParameter(AT, datetime, description="The moment to look back to."),
            OpenApiParameter(CURSOR, str),
            OpenApiParameter(PAGE_SIZE, int),
        ],
    )
    def get(self, request: Request, sku: str) -> Response:
        """Show a variant's level and a page of its ledger, the newest movement first.

        With `at` both are as they were at that moment. The level that warns is today's.
        """
        check_parameters(request, {AT, CURSOR, PAGE_SIZE})
        at = moment(request, AT)
        variant = get_object_or_404(levels(), sku=sku)
        movements = StockMovement.objects.filter(item__variant=variant).order_by("-seq", "-id")
        if at is not None:
            level = services.stock_at(variant_id=variant.pk, at=at)
            variant.on_hand, variant.reserved = level.on_hand, level.reserved
            variant.available = level.available
            movements = movements.filter(seq__lte=level.last_seq)
        page = self.paginate_queryset(movements)
        ledger = self.get_paginated_response(MovementOut(page, many=True).data).data
        return Response({**LevelOut(variant).data, "ledger": ledger})


class AdjustView(StockView):
    refusals = {"POST": [services.BelowReserved]}
    rights = {"POST": "stock.adjust_stock"}

    @extend_schema(request=AdjustIn, responses={200: LevelOut}, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: Request, sku: str) -> Response:
        """Correct a level, with the reason."""
        variant = get_object_or_404(Variant, sku=sku)
        services.adjust_stock(variant_id=variant.pk, **self.given(AdjustIn))
        return _level(variant)


class ReceiveView(StockView):
    rights = {"POST": "stock.receive_stock"}

    @extend_schema(request=ReceiveIn, responses={200: LevelOut}, parameters=[KEY_PARAMETER])
    @idempotent
    def post(self, request: Request, sku: str) -> Response:
        """Add goods that came in."""
        variant = get_object_or_404(Variant, sku=sku)
        services.receive_stock(variant_id=variant.pk, **self.given(ReceiveIn))
        return _level(variant)


class LowLevelView(StockView):
    rights = {"PUT": "stock.adjust_stock"}

    @extend_schema(request=LowLevelIn, responses={200: LevelOut})
    def put(self, request: Request, sku: str) -> Response:
        """Say from which level on to warn; 0 for never."""
        variant = get_object_or_404(Variant, sku=sku)
        services.set_low_level(variant_id=variant.pk, **self.given(LowLevelIn))
        return _level(variant)


def levels() -> QuerySet[Any]:
    """Select variants with their levels, in units."""
    found: QuerySet[Any] = Variant.objects.select_related("product").annotate(
        on_hand=Coalesce("stock__on_hand", 0),
        reserved=Coalesce("stock__reserved", 0),
        low_at=Coalesce("stock__low_at", 0),
        available=F("on_hand") - F("reserved"),
    )
    return found


def _level(variant: Variant) -> Response:
    return Response(LevelOut(levels().get(pk=variant.pk)).data)
