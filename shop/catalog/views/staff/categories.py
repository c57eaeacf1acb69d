"""Shelves."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from shop.catalog import services
from shop.catalog.models import Category
from shop.catalog.serializers.changes import CategoryIn
from shop.catalog.serializers.staff import StaffCategoryOut
from shop.catalog.views.staff.base import StaffView

CATEGORIES = Category.objects.select_related("parent")


class StaffCategoriesView(StaffView[Category]):
    refusals = {"POST": ["category_slug_is_unique"]}
    rights = {"GET": "catalog.view_category", "POST": "catalog.add_category"}
    queryset = CATEGORIES.order_by("name", "id")
    serializer_class = StaffCategoryOut

    @extend_schema(responses=StaffCategoryOut(many=True))
    def get(self, request: Request) -> Response:
        """List all categories, by name."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StaffCategoryOut(page, many=True).data)

    @extend_schema(request=CategoryIn, responses={201: StaffCategoryOut})
    def post(self, request: Request) -> Response:
        """Make a category."""
        category = services.create_category(**self.given(CategoryIn))
        shown = StaffCategoryOut(category).data
        return self.created(
            shown, route="staff-category", name=category.slug, version=category.version
        )


class StaffCategoryView(StaffView[Category]):
    refusals = {
        "PATCH": ["category_refuses_cycles", "category_slug_is_unique"],
        "DELETE": ["protected"],
    }
    rights = {
        "GET": "catalog.view_category",
        "PATCH": "catalog.change_category",
        "DELETE": "catalog.delete_category",
    }
    queryset = CATEGORIES
    serializer_class = StaffCategoryOut

    def get(self, request: Request, slug: str) -> Response:
        """Show a category to staff."""
        category = get_object_or_404(CATEGORIES, slug=slug)
        return with_etag(Response(StaffCategoryOut(category).data), category.version)

    @extend_schema(request=CategoryIn, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change a category, or move it below another."""
        category = services.update_category(
            category_id=get_object_or_404(CATEGORIES, slug=slug).pk,
            version=expected_version(request),
            **self.given(CategoryIn, partial=True),
        )
        return with_etag(Response(StaffCategoryOut(category).data), category.version)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a category that has nothing on it."""
        services.delete_category(category_id=get_object_or_404(CATEGORIES, slug=slug).pk)
        return Response(status=HTTPStatus.NO_CONTENT)
