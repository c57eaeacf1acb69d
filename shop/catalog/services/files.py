"""The files behind images: there before the row that names them, gone after it."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from shop.catalog.models import ProductImage
from shop.catalog.services.pictures import SUFFIX, Picture

FOLDER = "products"
NAME_BYTES = 16


@contextmanager
def stored(picture: Picture) -> Iterator[dict[str, Any]]:
    """Store a picture under a random name for the block that writes its row.

    Gives the fields of the row. If the block fails, nothing stays in the storage.
    """
    name = f"{FOLDER}/{secrets.token_hex(NAME_BYTES)}"
    large, thumbnail = f"{name}{SUFFIX}", f"{name}-small{SUFFIX}"
    try:
        yield {
            "file": default_storage.save(large, ContentFile(picture.large)),
            "thumbnail": default_storage.save(thumbnail, ContentFile(picture.thumbnail)),
            "width": picture.width,
            "height": picture.height,
        }
    except BaseException:
        _delete([large, thumbnail])
        raise


def delete_files_after_commit(images: Iterable[ProductImage]) -> None:
    """Delete the files of images that go, once it is certain that they do."""
    names = [str(file) for image in images for file in (image.file, image.thumbnail) if file]
    transaction.on_commit(partial(_delete, names), robust=True)


def _delete(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
