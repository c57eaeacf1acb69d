"""Counting what the present filters leave, in one statement whatever the number of products."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet

from shop.catalog.models import Product
from shop.catalog.tree import Tree

MAX_VALUES = 100  # vendors and tags named, the most frequent first

COUNTS = """
WITH matched AS MATERIALIZED ({products})
SELECT 'all', NULL, count(*), min(price_from)::text, max(price_from)::text FROM matched
UNION ALL SELECT 'in_stock', NULL, count(*), NULL, NULL FROM matched WHERE in_stock
UNION ALL SELECT 'on_sale', NULL, count(*), NULL, NULL FROM matched WHERE on_sale
UNION ALL SELECT 'category', category_id::text, count(*), NULL, NULL FROM matched
    WHERE category_id IS NOT NULL GROUP BY category_id
UNION ALL (SELECT 'vendor', vendor, count(*), NULL, NULL FROM matched
    WHERE vendor <> '' GROUP BY vendor ORDER BY count(*) DESC, vendor LIMIT {limit})
UNION ALL (SELECT 'tag', tag, count(*), NULL, NULL FROM matched, unnest(tags) AS tag
    GROUP BY tag ORDER BY count(*) DESC, tag LIMIT {limit})
"""


def count_facets(products: QuerySet[Product]) -> dict[str, Any]:
    """Count `products`, which went through ``with_stock``, by all that they can be filtered by."""
    columns = ("category_id", "vendor", "tags", "price_from", "on_sale", "in_stock")
    sql, parameters = products.order_by().values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(products=sql, limit=MAX_VALUES), parameters)
        rows = cursor.fetchall()
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, *row in rows:
        found[kind].append(row)
    [(_, count, lowest, highest)] = found["all"]
    return {
        "count": count,
        "currency": settings.STORE_CURRENCY,
        "price": {"min": lowest, "max": highest},
        "in_stock": found["in_stock"][0][1],
        "on_sale": found["on_sale"][0][1],
        "categories": _categories({int(row[0]): row[1] for row in found["category"]}),
        "vendors": [{"vendor": row[0], "count": row[1]} for row in found["vendor"]],
        "tags": [{"tag": row[0], "count": row[1]} for row in found["tag"]],
    }


def count_by_category(products: QuerySet[Product]) -> dict[int, int]:
    """Count `products` by the category they are in themselves."""
    found = products.order_by().values_list("category_id").annotate(count=Count("id"))
    return {category_id: n for category_id, n in found if category_id is not None}


def _categories(counts: dict[int, int]) -> list[dict[str, Any]]:
    tree = Tree()
    totals = tree.totals(counts)
    return [
        {"slug": node.slug, "name": node.name, "count": totals[node.id]}
        for node in tree.nodes.values()
        if totals[node.id]
    ]
