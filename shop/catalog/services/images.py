"""Keeping pictures of products: uploaded, or fetched from an address."""

from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Count, F, Max

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from shop.catalog.models import Product, ProductImage
from shop.catalog.services.checks import check_fields, line, lock, save_changes, set_changes
from shop.catalog.services.fetching import fetch_soon
from shop.catalog.services.files import delete_files_after_commit, stored
from shop.catalog.services.pictures import Picture, render

MAX_IMAGES = 50  # of one product


class TooManyImages(Conflict):
    code = "too_many_images"
    detail = f"A product has at most {MAX_IMAGES} images."


class ImageChanges(TypedDict, total=False):
    alt: str
    position: int


def add_image(
    *, product_id: int, content: bytes, alt: str = "", position: int | None = None
) -> ProductImage:
    """Add an uploaded picture, without `position` as the last. A product's first is its primary.

    Raises:
        NotFound: there is no such product.
        NotAPicture, PictureTooLarge: the file is no good.
        TooManyImages: 409, with MAX_IMAGES it is full.
    """
    return add_picture(product_id=product_id, picture=render(content), alt=alt, position=position)


def add_picture(
    *, product_id: int, picture: Picture, alt: str = "", position: int | None = None
) -> ProductImage:
    """Add a picture that was rendered already: within a transaction that takes too long.

    Raises:
        NotFound: there is no such product.
        TooManyImages: 409, with MAX_IMAGES it is full.
    """
    with stored(picture) as facts:
        return _insert(ProductImage(alt=line("alt", alt), **facts), product_id, position)


@transaction.atomic
def add_remote_image(
    *,
    product_id: int,
    source_url: str,
    alt: str = "",
    position: int | None = None,
    fetch: bool = True,
) -> ProductImage:
    """Add a picture that lies at `source_url`; with `fetch` a job gets it soon.

    Raises:
        NotFound: there is no such product.
        Invalid: the address is none.
        TooManyImages: 409, with MAX_IMAGES it is full.
        IntegrityError: 409 `image_source_is_unique_within_product`.
    """
    image = ProductImage(alt=line("alt", alt), source_url=source_url.strip())
    image = _insert(image, product_id, position)
    if fetch:
        fetch_soon.defer(image_id=image.pk)
    return image


@transaction.atomic
def update_image(
    *, image_id: int, version: int | None = None, **changes: Unpack[ImageChanges]
) -> ProductImage:
    """Change what an image is called, or its place.

    Raises:
        NotFound: there is no such image.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong.
    """
    image = lock(ProductImage, image_id)
    check_version(image, present=image.version, expected=version)
    tidy = changes.copy()
    if "alt" in changes:
        tidy["alt"] = line("alt", changes["alt"])
    save_changes(image, set_changes(image, tidy))
    return image


@transaction.atomic
def set_primary_image(*, image_id: int) -> ProductImage:
    """Make an image the one that stands for its product in lists.

    Raises:
        NotFound: there is no such image.
    """
    image = _lock(image_id)
    if not image.is_primary:
        others = ProductImage.objects.filter(product_id=image.product_id, is_primary=True)
        others.update(is_primary=False, version=F("version") + 1)
        save_changes(image, set_changes(image, {"is_primary": True}))
    return image


@transaction.atomic
def remove_image(*, image_id: int) -> None:
    """Take an image away, and its files once that is committed. The next becomes primary.

    Raises:
        NotFound: there is no such image.
    """
    image = _lock(image_id)
    delete_files_after_commit([image])
    image.delete()
    if image.is_primary:
        rest = ProductImage.objects.filter(product_id=image.product_id)
        following = rest.order_by("position", "id").first()
        if following is not None:
            save_changes(following, set_changes(following, {"is_primary": True}))


@transaction.atomic
def _insert(image: ProductImage, product_id: int, position: int | None) -> ProductImage:
    product = lock(Product, product_id)
    image.product = product
    found = product.images.aggregate(count=Count("id"), last=Max("position"))
    if found["count"] >= MAX_IMAGES:
        raise TooManyImages
    following = 0 if found["last"] is None else found["last"] + 1
    image.position = following if position is None else position
    image.is_primary = not product.images.filter(is_primary=True).exists()
    check_fields(image)
    image.save(force_insert=True)
    return image


def _lock(image_id: int) -> ProductImage:
    """Lock the product, then the image: the order that everybody keeps to."""
    images = ProductImage.objects.filter(pk=image_id)
    product_id = images.values_list("product_id", flat=True).first()
    lock(Product, product_id or 0)
    return lock(ProductImage, image_id)
