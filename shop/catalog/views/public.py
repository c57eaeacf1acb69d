"""The catalogue as customers read it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from mdv.http.filters import StrictFilterBackend, check_parameters, yes_or_no
from mdv.http.parameters import refuse_parameter
from mdv.http.public import PublicView
from mdv.kernel.errors import NotFound
from shop.catalog import showcase, suggesting
from shop.catalog.facets import count_by_category, count_facets
from shop.catalog.filters import MAX_SEARCH_LENGTH, MIN_SEARCH_LENGTH, ProductFilter
from shop.catalog.models import Category, Product
from shop.catalog.serializers.public import (
    CategoryNodeOut,
    CategoryOut,
    FiltersOut,
    ProductCardOut,
    ProductOut,
    SuggestionOut,
)
from shop.catalog.tree import Tree

NAVIGATION = "navigation"
TYPED = "q"


class CategoryViews(PublicView, GenericViewSet[Category]):
    limit_scopes = {"*": "catalogue"}
    max_age_s = 60
    pagination_class = None
    queryset = Category.objects.all()

    @extend_schema(
        parameters=[OpenApiParameter(NAVIGATION, bool, description="Only the navigation.")],
        responses=CategoryNodeOut(many=True),
    )
    def list(self, request: Request) -> Response:
        """Show the tree of categories, from its roots."""
        check_parameters(request, {NAVIGATION})
        only_navigation = yes_or_no(request, NAVIGATION)
        tree = Tree()
        totals = tree.totals(count_by_category(Product.objects.listed()))
        return Response(
            [
                root.shown(totals, only_navigation=only_navigation)
                for root in tree.roots
                if root.in_navigation or not only_navigation
            ]
        )

    @extend_schema(responses=CategoryOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Show a category, what leads to it and what is below it."""
        category = Category.objects.filter(slug=slug).values("id", "description").first()
        tree = Tree()
        node = tree.nodes.get(category["id"]) if category else None
        if category is None or node is None:
            raise NotFound
        totals = tree.totals(count_by_category(Product.objects.listed()))
        path = [{"slug": step.slug, "name": step.name} for step in tree.path(node)]
        return Response(
            {**node.shown(totals), "description": category["description"], "path": path}
        )


class ProductViews(PublicView, GenericViewSet[Product]):
    filter_backends = (StrictFilterBackend,)
    filterset_class = ProductFilter
    serializer_class = ProductCardOut

    @property
    def limit_scopes(self) -> dict[str, str]:
        return {"*": "search" if "search" in self.request.query_params else "catalogue"}

    def get_queryset(self) -> QuerySet[Any]:
        products = showcase.with_stock(Product.objects.listed())
        return products.order_by("-created_at", "-id")

    def list(self, request: Request) -> Response:
        """List products, the newest first."""
        products = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(showcase.card_rows(products))
        return self.get_paginated_response([showcase.card(row) for row in page or []])

    @extend_schema(responses=ProductOut, filters=False)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Show a product with its variants and pictures."""
        product = showcase.full_product(slug)
        if product is None:
            raise NotFound
        return Response(product)

    @extend_schema(responses=FiltersOut, filters=True)
    def filters(self, request: Request) -> Response:
        """Count the products that match, by category, vendor, tag and price."""
        return Response(count_facets(self.filter_queryset(self.get_queryset())))


class SuggestionsView(PublicView):
    limit_scopes = {"*": "search"}

    @extend_schema(
        parameters=[OpenApiParameter(TYPED, str, required=True, description="What was typed.")],
        responses=SuggestionOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """Suggest products for what has been typed so far."""
        check_parameters(request, {TYPED})
        typed = request.query_params.get(TYPED, "").strip()
        if not MIN_SEARCH_LENGTH <= len(typed) <= MAX_SEARCH_LENGTH or "\x00" in typed:
            message = f"From {MIN_SEARCH_LENGTH} to {MAX_SEARCH_LENGTH} characters."
            raise refuse_parameter(TYPED, message)
        return Response(suggesting.suggest(typed))


class RecommendationsView(PublicView):
    limit_scopes = {"*": "catalogue"}

    @extend_schema(responses=ProductCardOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List products that are like this one."""
        found = suggesting.recommended(slug)
        if found is None:
            raise NotFound
        return Response(found)
