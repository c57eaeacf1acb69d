"""The number of statements is the same for 10 and for 10,000 products."""

from decimal import Decimal

import pytest
from django.db import connection

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
    """Put `count` products on the shelves, each with two variants and two images."""
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
                sku=f"S-{product.pk}-{size}",
                option_values=[size],
                price=Decimal(10 + product.pk % 90),
                in_stock=True,
            )
            for product in products
            for size in "ML"
        ],
        BATCH,
    )
    ProductImage.objects.bulk_create(
        [
            ProductImage(product=product, file=f"{product.pk}-{n}.webp", is_primary=n == 0)
            for product in products
            for n in range(2)
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
