"""Images of products: the primary one, their files, and what happens to both in the end."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from mdv.kernel.errors import Invalid, NotFound
from shop.catalog import services
from shop.catalog.models import ProductImage
from shop.catalog.services import images
from shop.catalog.services.images import TooManyImages
from shop.catalog.services.pictures import NotAPicture
from tests.catalog.shelf import make_product, picture

pytestmark = pytest.mark.django_db

SOURCE = "https://pictures.example.com/shirt.png"


@pytest.fixture
def shirt():
    return make_product()


@pytest.fixture
def three(shirt):
    """Three uploaded images of one product."""
    return [
        services.add_image(product_id=shirt.pk, content=picture(), alt=f"view {number}")
        for number in range(3)
    ]


def files(media):
    return sorted(path.name for path in Path(media).rglob("*") if path.is_file())


def primary(product):
    return list(product.images.filter(is_primary=True).values_list("alt", flat=True))


def test_an_upload_is_kept_as_two_files_of_random_names(shirt, media):
    image = services.add_image(product_id=shirt.pk, content=picture((2000, 1000)), alt=" Front ")

    assert (image.alt, image.width, image.height, image.position) == ("Front", 1600, 800, 0)
    assert files(media) == sorted(Path(str(name)).name for name in (image.file, image.thumbnail))
    assert len(Path(str(image.file)).stem) == 32


def test_the_first_image_is_the_primary_one(shirt, three):
    assert primary(shirt) == ["view 0"]
    assert [image.position for image in three] == [0, 1, 2]


def test_another_can_be_made_the_primary_one(shirt, three):
    services.set_primary_image(image_id=three[2].pk)

    assert primary(shirt) == ["view 2"]
    assert services.set_primary_image(image_id=three[2].pk).version == 2


def test_two_primary_images_are_refused_by_the_database(shirt, three):
    with pytest.raises(IntegrityError, match="one_primary_image_per_product"), transaction.atomic():
        ProductImage.objects.update(is_primary=True)

    assert primary(shirt) == ["view 0"]


def test_when_the_primary_image_goes_the_next_takes_its_place(shirt, three):
    services.update_image(image_id=three[2].pk, position=0)
    services.remove_image(image_id=three[0].pk)

    assert primary(shirt) == ["view 2"]
    assert shirt.images.count() == 2


def test_the_files_go_after_the_commit(shirt, three, media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        services.remove_image(image_id=three[0].pk)
    assert len(files(media)) == 6

    for callback in callbacks:
        callback()

    assert len(files(media)) == 4
    assert not default_storage.exists(str(three[0].file))
    assert default_storage.exists(str(three[1].file))


def test_files_of_a_removal_that_is_rolled_back_stay(
    shirt, three, media, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.remove_image(image_id=three[0].pk)
        transaction.set_rollback(True)

    assert len(files(media)) == 6
    assert shirt.images.count() == 3


def test_with_a_product_its_images_and_files_go(media, django_capture_on_commit_callbacks):
    product = services.create_product(title="Never sold")
    services.add_image(product_id=product.pk, content=picture())

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_product(product_id=product.pk)

    assert files(media) == []
    assert not ProductImage.objects.exists()


def test_what_is_no_picture_leaves_neither_row_nor_file(shirt, media):
    with pytest.raises(NotAPicture):
        services.add_image(product_id=shirt.pk, content=b"<svg/>")

    assert (files(media), shirt.images.count()) == ([], 0)


def test_an_image_of_no_product_leaves_no_file(media):
    with pytest.raises(NotFound):
        services.add_image(product_id=12345, content=picture())

    assert files(media) == []


def test_a_product_holds_a_bounded_number_of_images(shirt, media, monkeypatch):
    monkeypatch.setattr(images, "MAX_IMAGES", 1)
    services.add_image(product_id=shirt.pk, content=picture())

    with pytest.raises(TooManyImages):
        services.add_image(product_id=shirt.pk, content=picture())
    with pytest.raises(TooManyImages):
        services.add_remote_image(product_id=shirt.pk, source_url=SOURCE)

    assert (len(files(media)), shirt.images.count()) == (2, 1)


def test_a_remote_image_is_kept_as_its_address(shirt):
    image = services.add_remote_image(product_id=shirt.pk, source_url=f" {SOURCE} ", alt="Front")

    assert (image.source_url, str(image.file), image.is_primary) == (SOURCE, "", True)


@pytest.mark.parametrize(
    "address",
    ["", "shirt.png", "ftp://example.com/x.png", "javascript:alert(1)", "file:///etc/passwd"],
)
def test_an_address_that_is_none_is_refused(shirt, address):
    with pytest.raises((Invalid, IntegrityError)), transaction.atomic():
        services.add_remote_image(product_id=shirt.pk, source_url=address)

    assert shirt.images.count() == 0


def test_one_address_is_kept_once_per_product(shirt):
    services.add_remote_image(product_id=shirt.pk, source_url=SOURCE)

    with (
        pytest.raises(IntegrityError, match="image_source_is_unique_within_product"),
        transaction.atomic(),
    ):
        services.add_remote_image(product_id=shirt.pk, source_url=SOURCE)

    assert shirt.images.count() == 1
