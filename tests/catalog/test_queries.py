"""What reads cost the database: the same few statements for 10 and for 10,000 products."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.catalog.models import Category, Product, ProductImage, Variant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

READS = {
    "/products": 1,
    "/products?ordering=price": 1,
    "/products?page_size=100&ordering=-name": 1,
    "/products?category=top&in_stock=true&tag=t1&min_price=1": 2,
    "/products?search=shirt": 1,
    "/products/filters?category=top": 3,
    "/products/suggestions?q=shirt": 1,
    "/products/p-7": 3,
    "/categories": 2,
    "/categories/top": 3,
}
BATCH = 1000


def fill(count):
    """Put `count` products on the shelves, each with a variant and an image."""
    top = Category.objects.create(name="Top", slug="top")
    shelves = Category.objects.bulk_create(
        [Category(name=f"C{n}", slug=f"c{n}", parent=top) for n in range(20)]
    )
    products = Product.objects.bulk_create(
        [
            Product(
                slug=f"p-{n}",
                title=f"Shirt {n}",
                status="active",
                category=shelves[n % 20],
                tags=[f"t{n % 7}"],
                option_names=["Size"],
            )
            for n in range(count)
        ],
        BATCH,
    )
    Variant.objects.bulk_create(
        [
            Variant(
                product=product,
                sku=f"S-{product.pk}",
                option_values=["M"],
                price=Decimal(10 + product.pk % 90),
                in_stock=True,
            )
            for product in products
        ],
        BATCH,
    )
    ProductImage.objects.bulk_create(
        [
            ProductImage(product=product, file=f"{product.pk}.webp", is_primary=True)
            for product in products
        ],
        BATCH,
    )


@pytest.mark.parametrize("count", [10, 10_000])
def test_each_read_takes_the_same_few_statements(
    visitor, django_assert_num_queries, django_assert_max_num_queries, count
):
    fill(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for path, statements in READS.items():
        with django_assert_num_queries(statements):
            answer = visitor.get(path)
        assert answer.status_code == 200
        assert answer.json()

    # A third only if the category alone has too few.
    with django_assert_max_num_queries(3):
        assert visitor.get("/products/p-7/recommendations").status_code == 200


INDEXED = [
    "/products",
    "/products?ordering=price",
    "/products?ordering=-price&max_price=50",
    "/products?ordering=name",
    "/products?ordering=-created&tag=t3",
    "/products?category=c7",
]


def plan_of(visitor, path):
    """How PostgreSQL reads the page at `path`."""
    with CaptureQueriesContext(connection) as queries:
        assert visitor.client.get(path).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries.captured_queries[-1]["sql"])
        return "\n".join(line for (line,) in cursor.fetchall())


def test_no_page_is_found_by_reading_all_products_or_all_variants(visitor):
    fill(2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for path in INDEXED:
        first = f"/api/v1{path}"
        second = visitor.client.get(first).json()["next"]
        for page in filter(None, (first, second)):
            plan = plan_of(visitor, page)
            assert "Seq Scan on catalog_product " not in plan, (page, plan)
            assert "Seq Scan on catalog_variant " not in plan, (page, plan)
