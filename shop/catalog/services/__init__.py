"""The use cases of the catalogue, one function each."""

from shop.catalog.services.categories import create_category, delete_category, update_category
from shop.catalog.services.fetching import fetch_image, fetch_remote_image
from shop.catalog.services.images import (
    TooManyImages,
    add_image,
    add_picture,
    add_remote_image,
    remove_image,
    set_primary_image,
    update_image,
)
from shop.catalog.services.pictures import NotAPicture, PictureTooLarge
from shop.catalog.services.products import (
    NothingToSell,
    OptionsInUse,
    create_product,
    delete_product,
    set_product_status,
    update_product,
)
from shop.catalog.services.variants import (
    TooManyVariants,
    archive_variant,
    create_variant,
    delete_variant,
    update_variant,
)

__all__ = [
    "NotAPicture",
    "NothingToSell",
    "OptionsInUse",
    "PictureTooLarge",
    "TooManyImages",
    "TooManyVariants",
    "add_image",
    "add_picture",
    "add_remote_image",
    "archive_variant",
    "create_category",
    "create_product",
    "create_variant",
    "delete_category",
    "delete_product",
    "delete_variant",
    "fetch_image",
    "fetch_remote_image",
    "remove_image",
    "set_primary_image",
    "set_product_status",
    "update_category",
    "update_image",
    "update_product",
    "update_variant",
]
