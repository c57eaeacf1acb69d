"""The staff's doors to what prices are made of."""

from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from mdv.http.filters import StrictFilterBackend
from mdv.http.pagination import StaffPages
from mdv.http.permissions import MayByMethod
from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from shop.pricing import services
from shop.pricing.filters import CouponFilter
from shop.pricing.models import Coupon, ShippingZone, TaxRate
from shop.pricing.serializers import CouponIn, CouponOut, TaxRateIn, TaxRateOut, ZoneIn, ZoneOut


def rights_on(model: str) -> dict[str, str]:
    """Return the right that each method takes."""
    return {
        "GET": f"pricing.view_{model}",
        "POST": f"pricing.add_{model}",
        "PATCH": f"pricing.change_{model}",
        "DELETE": f"pricing.delete_{model}",
    }


class PricingViews(GenericViewSet[Any]):
    """What coupons, zones and tax rates have in common: who may, lists, versions."""

    has_version = True
    permission_classes = (MayByMethod,)
    pagination_class = StaffPages
    filter_backends = (StrictFilterBackend,)

    def page(self) -> Response:
        """Answer with one page of the list."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def shown(self, row: Any) -> Response:
        """Answer with one row and its version."""
        return with_etag(Response(self.get_serializer(row).data), row.version)

    def created(self, row: Any, *, location: str) -> Response:
        """Answer with a row that was just made."""
        response = self.shown(row)
        response.status_code = HTTPStatus.CREATED
        response["Location"] = location
        return response


class CouponViews(PricingViews):
    refusals = {
        "POST": ["coupon_code_is_unique"],
        "PATCH": [services.CouponInUse, services.LimitBelowUse, "coupon_code_is_unique"],
        "DELETE": ["protected"],
    }
    rights = rights_on("coupon")
    serializer_class = CouponOut
    queryset = Coupon.objects.order_by("-id")
    filterset_class = CouponFilter

    def list(self, request: Request) -> Response:
        """List coupons, the newest first."""
        return self.page()

    @extend_schema(request=CouponIn, responses={201: CouponOut})
    def create(self, request: Request) -> Response:
        """Make a coupon."""
        given = CouponIn(data=request.data)
        given.is_valid(raise_exception=True)
        coupon = services.create_coupon(**given.validated_data)
        return self.created(coupon, location=reverse("coupon", args=[coupon.code]))

    @extend_schema(filters=False)
    def retrieve(self, request: Request, code: str) -> Response:
        """Show a coupon."""
        return self.shown(self._coupon(code))

    @extend_schema(request=CouponIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, code: str) -> Response:
        """Change a coupon. What it gives stays as it is once orders use it."""
        version = expected_version(request)
        given = CouponIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        coupon_id = self._coupon(code).pk
        return self.shown(
            services.update_coupon(coupon_id=coupon_id, version=version, **given.validated_data)
        )

    def destroy(self, request: Request, code: str) -> Response:
        """Delete a coupon that was never used."""
        services.delete_coupon(coupon_id=self._coupon(code).pk)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _coupon(self, code: str) -> Coupon:
        return get_object_or_404(Coupon, code=code.upper())


class ZoneViews(PricingViews):
    refusals = {
        "POST": ["shipping_zone_name_is_unique", "one_default_shipping_zone"],
        "PATCH": ["shipping_zone_name_is_unique", "one_default_shipping_zone"],
        "DELETE": ["protected"],
    }
    rights = rights_on("shippingzone")
    serializer_class = ZoneOut
    queryset = ShippingZone.objects.order_by("name", "id")

    def list(self, request: Request) -> Response:
        """List shipping zones by name."""
        return self.page()

    @extend_schema(request=ZoneIn, responses={201: ZoneOut})
    def create(self, request: Request) -> Response:
        """Make a shipping zone."""
        given = ZoneIn(data=request.data)
        given.is_valid(raise_exception=True)
        zone = services.create_zone(**given.validated_data)
        return self.created(zone, location=reverse("zone", args=[zone.pk]))

    def retrieve(self, request: Request, zone_id: int) -> Response:
        """Show a shipping zone."""
        return self.shown(get_object_or_404(ShippingZone, pk=zone_id))

    @extend_schema(request=ZoneIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, zone_id: int) -> Response:
        """Change a shipping zone for orders to come."""
        version = expected_version(request)
        given = ZoneIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self.shown(
            services.update_zone(zone_id=zone_id, version=version, **given.validated_data)
        )

    def destroy(self, request: Request, zone_id: int) -> Response:
        """Delete a shipping zone that no order went to."""
        services.delete_zone(zone_id=zone_id)
        return Response(status=HTTPStatus.NO_CONTENT)


class TaxRateViews(PricingViews):
    refusals = {"POST": ["one_tax_rate_per_place"], "PATCH": ["one_tax_rate_per_place"]}
    rights = rights_on("taxrate")
    serializer_class = TaxRateOut
    queryset = TaxRate.objects.order_by("country", "state", "id")

    def list(self, request: Request) -> Response:
        """List tax rates by place."""
        return self.page()

    @extend_schema(request=TaxRateIn, responses={201: TaxRateOut})
    def create(self, request: Request) -> Response:
        """Make a tax rate."""
        given = TaxRateIn(data=request.data)
        given.is_valid(raise_exception=True)
        rate = services.create_tax_rate(**given.validated_data)
        return self.created(rate, location=reverse("tax-rate", args=[rate.pk]))

    def retrieve(self, request: Request, rate_id: int) -> Response:
        """Show a tax rate."""
        return self.shown(get_object_or_404(TaxRate, pk=rate_id))

    @extend_schema(request=TaxRateIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, rate_id: int) -> Response:
        """Change a tax rate for orders to come."""
        version = expected_version(request)
        given = TaxRateIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self.shown(
            services.update_tax_rate(rate_id=rate_id, version=version, **given.validated_data)
        )

    def destroy(self, request: Request, rate_id: int) -> Response:
        """Delete a tax rate. Orders keep the tax that they were placed with."""
        services.delete_tax_rate(rate_id=rate_id)
        return Response(status=HTTPStatus.NO_CONTENT)
