"""Variants: what exactly is bought."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from shop.catalog import services
from shop.catalog.models import Product, Variant
from shop.catalog.serializers.changes import VariantIn
from shop.catalog.serializers.staff import StaffVariantOut
from shop.catalog.views.staff.base import StaffView


class StaffVariantsView(StaffView[Variant]):
    refusals = {
        "POST": [
            services.TooManyVariants,
            "sku_is_unique",
            "variant_options_are_unique_within_product",
        ]
    }
    rights = {"GET": "catalog.view_variant", "POST": "catalog.add_variant"}
    queryset = Variant.objects.order_by("position", "id")
    serializer_class = StaffVariantOut

    @extend_schema(responses=StaffVariantOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the variants of a product, also those that are archived."""
        product = get_object_or_404(Product, slug=slug)
        page = self.paginate_queryset(
            self.filter_queryset(self.get_queryset().filter(product=product))
        )
        return self.get_paginated_response(StaffVariantOut(page, many=True).data)

    @extend_schema(request=VariantIn, responses={201: StaffVariantOut})
    def post(self, request: Request, slug: str) -> Response:
        """Make a variant of a product."""
        product = get_object_or_404(Product, slug=slug)
        variant = services.create_variant(product_id=product.pk, **self.given(VariantIn))
        return self.created(
            StaffVariantOut(variant).data,
            route="staff-variant",
            name=variant.sku,
            version=variant.version,
        )


class StaffVariantView(StaffView[Variant]):
    refusals = {
        "PATCH": ["sku_is_unique", "variant_options_are_unique_within_product"],
        "DELETE": ["protected"],
    }
    rights = {
        "GET": "catalog.view_variant",
        "PATCH": "catalog.change_variant",
        "DELETE": "catalog.delete_variant",
    }
    queryset = Variant.objects.all()
    serializer_class = StaffVariantOut

    def get(self, request: Request, sku: str) -> Response:
        """Show a variant."""
        return _shown(get_object_or_404(Variant, sku=sku))

    @extend_schema(request=VariantIn, parameters=[IF_MATCH])
    def patch(self, request: Request, sku: str) -> Response:
        """Change a variant. Orders keep the price they were placed at."""
        variant = services.update_variant(
            variant_id=get_object_or_404(Variant, sku=sku).pk,
            version=expected_version(request),
            **self.given(VariantIn, partial=True),
        )
        return _shown(variant)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, sku: str) -> Response:
        """Delete a variant that was never sold."""
        services.delete_variant(variant_id=get_object_or_404(Variant, sku=sku).pk)
        return Response(status=HTTPStatus.NO_CONTENT)


class ArchiveVariantView(StaffView[Variant]):
    rights = {"POST": "catalog.change_variant"}
    queryset = Variant.objects.all()
    serializer_class = StaffVariantOut

    @extend_schema(request=None, responses={200: StaffVariantOut})
    def post(self, request: Request, sku: str) -> Response:
        """Stop selling a variant."""
        return _archived(sku, is_archived=True)


class RestoreVariantView(StaffView[Variant]):
    rights = {"POST": "catalog.change_variant"}
    queryset = Variant.objects.all()
    serializer_class = StaffVariantOut

    @extend_schema(request=None, responses={200: StaffVariantOut})
    def post(self, request: Request, sku: str) -> Response:
        """Sell a variant again."""
        return _archived(sku, is_archived=False)


def _archived(sku: str, *, is_archived: bool) -> Response:
    variant = get_object_or_404(Variant, sku=sku)
    return _shown(services.archive_variant(variant_id=variant.pk, is_archived=is_archived))


def _shown(variant: Variant) -> Response:
    return with_etag(Response(StaffVariantOut(variant).data), variant.version)
