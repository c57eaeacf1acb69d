"""Products, in whatever status."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from mdv.kernel.states import InvalidTransition
from shop.catalog import services, showcase
from shop.catalog.filters import StaffProductFilter
from shop.catalog.models import Product
from shop.catalog.serializers.changes import ProductIn, ProductStatusIn
from shop.catalog.serializers.staff import StaffProductOut, StaffProductRowOut
from shop.catalog.views.staff.base import StaffView


def shown(product_id: int) -> Response:
    """Return a product as it is now."""
    product = _products().get(pk=product_id)
    return with_etag(Response(StaffProductOut(product).data), product.version)


class StaffProductsView(StaffView[Product]):
    refusals = {"POST": ["product_slug_is_unique"]}
    rights = {"GET": "catalog.view_product", "POST": "catalog.add_product"}
    queryset = Product.objects.all()
    filterset_class = StaffProductFilter
    serializer_class = StaffProductRowOut

    def get_queryset(self) -> QuerySet[Any]:
        return _products().order_by("-created_at", "-id")

    @extend_schema(responses=StaffProductRowOut(many=True))
    def get(self, request: Request) -> Response:
        """List all products in whatever status, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffProductRowOut(page, many=True).data)

    @extend_schema(request=ProductIn, responses={201: StaffProductOut})
    def post(self, request: Request) -> Response:
        """Make a product, as a draft."""
        product = services.create_product(**self.given(ProductIn))
        response = shown(product.pk)
        return self.created(
            response.data, route="staff-product", name=product.slug, version=product.version
        )


class StaffProductView(StaffView[Product]):
    refusals = {
        "PATCH": [services.OptionsInUse, "product_slug_is_unique"],
        "DELETE": ["protected"],
    }
    rights = {
        "GET": "catalog.view_product",
        "PATCH": "catalog.change_product",
        "DELETE": "catalog.delete_product",
    }
    queryset = Product.objects.all()
    serializer_class = StaffProductOut

    def get(self, request: Request, slug: str) -> Response:
        """Show a product to staff, with its variants and images.

        The ETag is the version of the product alone.
        """
        return shown(_id_of(slug))

    @extend_schema(request=ProductIn, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change a product. Its variants and images have routes of their own."""
        product = services.update_product(
            product_id=_id_of(slug),
            version=expected_version(request),
            **self.given(ProductIn, partial=True),
        )
        return shown(product.pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a product that has no variants."""
        services.delete_product(product_id=_id_of(slug))
        return Response(status=HTTPStatus.NO_CONTENT)


class StaffProductStatusView(StaffView[Product]):
    refusals = {"POST": [services.NothingToSell, InvalidTransition]}
    rights = {"POST": "catalog.change_product"}
    queryset = Product.objects.all()
    serializer_class = StaffProductOut

    @extend_schema(request=ProductStatusIn, responses={200: StaffProductOut})
    def post(self, request: Request, slug: str) -> Response:
        """Show a product to customers, or no longer."""
        product = services.set_product_status(
            product_id=_id_of(slug), **self.given(ProductStatusIn)
        )
        return shown(product.pk)


def _products() -> QuerySet[Any]:
    return showcase.with_stock(Product.objects.select_related("category"))


def _id_of(slug: str) -> int:
    return get_object_or_404(Product.objects.only("pk"), slug=slug).pk
