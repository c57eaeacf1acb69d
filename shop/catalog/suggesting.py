"""What a customer may have meant, and what else they may like."""

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery

from shop.catalog import showcase
from shop.catalog.models import TITLE_WORDS, TITLE_WORDS_CONFIG, Product, ProductQuerySet

MAX_SUGGESTIONS = 10
MAX_RECOMMENDED = 8


def suggest(text: str) -> list[Any]:
    """List products whose title has all the words of `text`, the last perhaps unfinished."""
    words = re.findall(r"\w+", text)
    if not words:
        return []
    query = SearchQuery(
        " & ".join(f"'{word}'" for word in words) + ":*",
        config=TITLE_WORDS_CONFIG,
        search_type="raw",
    )
    found = Product.objects.listed().annotate(words=TITLE_WORDS).filter(words=query)
    return list(found.order_by("title", "id").values("slug", "title")[:MAX_SUGGESTIONS])


def recommended(slug: str) -> list[dict[str, Any]] | None:
    """List what is like a product and can be had, or None if there is no such product.

    First its neighbours in the category, then what shares a tag; the newest first.
    """
    product = Product.objects.listed().filter(slug=slug).values("id", "category_id", "tags").first()
    if product is None:
        return None
    others = Product.objects.exclude(pk=product["id"])
    found = []
    if product["category_id"]:
        found += _newest(others.filter(category_id=product["category_id"]), MAX_RECOMMENDED)
    if product["tags"] and len(found) < MAX_RECOMMENDED:
        tagged = others.filter(tags__overlap=product["tags"])
        elsewhere = tagged.exclude(pk__in=[row.id for row in found])
        found += _newest(elsewhere, MAX_RECOMMENDED - len(found))
    return [showcase.card(row) for row in found]


def _newest(products: ProductQuerySet, limit: int) -> list[Any]:
    available = showcase.with_stock(products.listed()).filter(in_stock=True)
    return list(showcase.card_rows(available.order_by("-created_at", "-id"))[:limit])
