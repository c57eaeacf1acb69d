"""The catalogue in the back office. Every save goes through the services."""

from shop.catalog.admin import categories, images, products, variants

__all__ = ["categories", "images", "products", "variants"]
