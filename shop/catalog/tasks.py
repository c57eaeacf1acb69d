"""The catalogue's jobs, where workers look for them."""

from shop.catalog.services.fetching import fetch_soon

__all__ = ["fetch_soon"]
