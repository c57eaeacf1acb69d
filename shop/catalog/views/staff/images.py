"""Pictures of products."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.parsers import StrictJSONParser
from mdv.http.preconditions import IF_MATCH, expected_version, with_etag
from shop.catalog import services
from shop.catalog.models import Product, ProductImage
from shop.catalog.serializers.changes import ImageIn, ImageUploadIn, RemoteImageIn
from shop.catalog.serializers.staff import StaffImageOut
from shop.catalog.services.pictures import MAX_FORM_BYTES
from shop.catalog.views.staff.base import StaffView
from shop.catalog.views.uploads import PictureParser


class StaffImagesView(StaffView[ProductImage]):
    refusals = {
        "POST": [
            services.NotAPicture,
            services.PictureTooLarge,
            services.TooManyImages,
            "image_source_is_unique_within_product",
        ]
    }
    rights = {"GET": "catalog.view_productimage", "POST": "catalog.add_productimage"}
    parser_classes = (StrictJSONParser, PictureParser)
    max_body_bytes = MAX_FORM_BYTES
    queryset = ProductImage.objects.order_by("position", "id")
    serializer_class = StaffImageOut

    @extend_schema(responses=StaffImageOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the images of a product, in their order."""
        product = get_object_or_404(Product, slug=slug)
        page = self.paginate_queryset(
            self.filter_queryset(self.get_queryset().filter(product=product))
        )
        return self.get_paginated_response(StaffImageOut(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": ImageUploadIn, "application/json": RemoteImageIn},
        responses={201: StaffImageOut},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add an image to a product.

        Send a file, or as JSON the address of one to be fetched.
        """
        product = get_object_or_404(Product, slug=slug)
        kind, _, _ = request.content_type.partition(";")
        if kind.strip().lower() == StrictJSONParser.media_type:
            image = services.add_remote_image(product_id=product.pk, **self.given(RemoteImageIn))
        else:
            sent = self.given(ImageUploadIn)
            content = sent.pop("file").read()
            image = services.add_image(product_id=product.pk, content=content, **sent)
        return self.created(
            StaffImageOut(image).data, route="staff-image", name=image.pk, version=image.version
        )


class StaffImageView(StaffView[ProductImage]):
    rights = {
        "GET": "catalog.view_productimage",
        "PATCH": "catalog.change_productimage",
        "DELETE": "catalog.delete_productimage",
    }
    queryset = ProductImage.objects.all()
    serializer_class = StaffImageOut

    def get(self, request: Request, image_id: int) -> Response:
        """Show an image."""
        return _shown(get_object_or_404(ProductImage, pk=image_id))

    @extend_schema(request=ImageIn, parameters=[IF_MATCH])
    def patch(self, request: Request, image_id: int) -> Response:
        """Change the text, the place or the address of an image."""
        version = expected_version(request)
        given = self.given(ImageIn, partial=True)
        return _shown(services.update_image(image_id=image_id, version=version, **given))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, image_id: int) -> Response:
        """Remove an image and its files."""
        services.remove_image(image_id=image_id)
        return Response(status=HTTPStatus.NO_CONTENT)


class PrimaryImageView(StaffView[ProductImage]):
    rights = {"POST": "catalog.change_productimage"}
    queryset = ProductImage.objects.all()
    serializer_class = StaffImageOut

    @extend_schema(request=None, responses={200: StaffImageOut})
    def post(self, request: Request, image_id: int) -> Response:
        """Let an image stand for its product in lists."""
        return _shown(services.set_primary_image(image_id=image_id))


def _shown(image: ProductImage) -> Response:
    return with_etag(Response(StaffImageOut(image).data), image.version)
