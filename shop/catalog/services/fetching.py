"""Getting pictures from the addresses that product files name."""

from django.db import transaction

from mdv.jobs.app import job
from mdv.kernel.errors import NotFound
from shop.catalog.gateways import NotFetched, download
from shop.catalog.models import ProductImage
from shop.catalog.services.checks import lock, save_changes, set_changes
from shop.catalog.services.files import stored
from shop.catalog.services.pictures import NotAPicture, PictureTooLarge, render

RETRIES = 4


class FetchedAlready(Exception):
    """Another worker was faster; its files stay."""


def fetch_remote_image(*, image_id: int) -> None:
    """Get the picture that lies at an image's address, if it is still wanted.

    What stands in the way is noted on the image.

    Raises:
        NotFetched: not now, perhaps later.
    """
    image = ProductImage.objects.filter(pk=image_id, file="").first()
    if image is None:
        return
    try:
        fetch_image(image_id=image_id, content=download(image.source_url))
    except (NotAPicture, PictureTooLarge) as refusal:
        _note(image_id, refusal.code)
    except NotFetched as failure:
        _note(image_id, failure.problem)
        if not failure.is_final:
            raise


def fetch_image(*, image_id: int, content: bytes) -> None:
    """Keep the picture that was found at an image's address. One that is there already stays.

    Raises:
        NotAPicture, PictureTooLarge: the file is no good.
    """
    try:
        with stored(render(content)) as facts:
            _attach(image_id, facts)
    except (FetchedAlready, NotFound):
        return


@job("catalog.fetch_image", retries=RETRIES)
def fetch_soon(*, image_id: int) -> None:
    """Get an image's picture."""
    fetch_remote_image(image_id=image_id)


@transaction.atomic
def _attach(image_id: int, facts: dict[str, object]) -> None:
    image = lock(ProductImage, image_id)
    if image.file:
        raise FetchedAlready
    save_changes(image, set_changes(image, {**facts, "fetch_problem": ""}))


@transaction.atomic
def _note(image_id: int, problem: str) -> None:
    image = ProductImage.objects.select_for_update().filter(pk=image_id, file="").first()
    if image is not None:
        save_changes(image, set_changes(image, {"fetch_problem": problem}))
