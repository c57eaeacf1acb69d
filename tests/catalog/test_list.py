"""The public list of products: what is on it, in which order, and which questions it refuses."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from mdv.kernel import clock
from shop.catalog import services
from shop.catalog.models import Product
from shop.catalog.states import ProductStatus
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db


def titles(answer):
    assert answer.status_code == 200, answer.json()
    return [product["title"] for product in answer.json()["results"]]


def refusals(answer):
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_product_in_the_list(visitor):
    shoes = services.create_category(name="Shoes")
    product = make_product(
        "Boot", price="80.00", compare_at="100.00", category_id=shoes.pk, vendor="Acme"
    )
    image = services.add_image(product_id=product.pk, content=picture(), alt="A boot")

    answer = visitor.get("/products")

    assert answer.json() == {
        "next": None,
        "results": [
            {
                "slug": "boot",
                "title": "Boot",
                "vendor": "Acme",
                "category": {"slug": "shoes", "name": "Shoes"},
                "currency": "NGN",
                "price_from": "80.00",
                "compare_at_price": "100.00",
                "on_sale": True,
                "in_stock": True,
                "image": {"thumbnail_url": image.thumbnail.url, "alt": "A boot"},
            }
        ],
    }


def test_a_product_with_nothing_but_a_title_and_a_price(visitor):
    make_product("Boot", price="80.00", stock=0)

    [shown] = visitor.get("/products").json()["results"]

    assert (shown["category"], shown["image"], shown["vendor"]) == (None, None, "")
    assert (shown["compare_at_price"], shown["on_sale"], shown["in_stock"]) == (None, False, False)


def test_an_image_that_is_not_fetched_yet_is_a_placeholder(visitor):
    product = make_product("Boot")
    services.add_remote_image(product_id=product.pk, source_url="https://x.example/boot.png")

    [shown] = visitor.get("/products").json()["results"]

    assert shown["image"]["thumbnail_url"] == "/static/catalog/placeholder.svg"


def test_only_active_products_with_something_to_sell_are_listed(visitor):
    make_product("Sold")
    services.create_product(title="Draft")
    archived = make_product("Archived")
    services.set_product_status(product_id=archived.pk, status=ProductStatus.ARCHIVED)
    make_product("Nothing to sell", price=None)
    dropped = make_product("Variant archived")
    services.archive_variant(variant_id=dropped.variants.get().pk)

    assert titles(visitor.get("/products")) == ["Sold"]


def test_stock_of_an_archived_variant_does_not_count(visitor):
    product = services.create_product(title="Boot", option_names=["Size"])
    make_variant(product, option_values=["41"], stock=0)
    services.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)
    gone = make_variant(product, option_values=["42"], stock=5)
    services.archive_variant(variant_id=gone.pk)

    [shown] = visitor.get("/products").json()["results"]

    assert shown["in_stock"] is False


@pytest.fixture
def shop():
    """Three products, the newest last in this list."""
    clothing = services.create_category(name="Clothing")
    shirts = services.create_category(name="Shirts", parent_id=clothing.pk)
    make_product(
        "Cotton shirt", price="30.00", category_id=shirts.pk, vendor="Acme", tags=["men", "cotton"]
    )
    make_product(
        "Wool hat", price="10.00", compare_at="15.00", category_id=clothing.pk, vendor="Bola",
        tags=["men"], stock=0,
    )  # fmt: skip
    make_product("Oak chair", price="200.00", vendor="Acme & Sons", tags=["home"])
    for age, product in enumerate(Product.objects.order_by("-id")):
        Product.objects.filter(pk=product.pk).update(
            created_at=clock.now() - timedelta(hours=age + 1)
        )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Oak chair", "Wool hat", "Cotton shirt"]),
        ("ordering=-created", ["Oak chair", "Wool hat", "Cotton shirt"]),
        ("ordering=created", ["Cotton shirt", "Wool hat", "Oak chair"]),
        ("ordering=name", ["Cotton shirt", "Oak chair", "Wool hat"]),
        ("ordering=-name", ["Wool hat", "Oak chair", "Cotton shirt"]),
        ("ordering=price", ["Wool hat", "Cotton shirt", "Oak chair"]),
        ("ordering=-price", ["Oak chair", "Cotton shirt", "Wool hat"]),
        ("category=clothing", ["Wool hat", "Cotton shirt"]),
        ("category=shirts", ["Cotton shirt"]),
        ("category=nothing", []),
        ("vendor=Acme", ["Cotton shirt"]),
        (f"vendor={quote('Acme & Sons')}", ["Oak chair"]),
        ("tag=men", ["Wool hat", "Cotton shirt"]),
        ("tag=cotton&vendor=Acme", ["Cotton shirt"]),
        ("min_price=10&max_price=30", ["Wool hat", "Cotton shirt"]),
        ("min_price=10.01", ["Oak chair", "Cotton shirt"]),
        ("max_price=10", ["Wool hat"]),
        ("min_price=999999999999.99", []),
        ("in_stock=true", ["Oak chair", "Cotton shirt"]),
        ("in_stock=false", ["Wool hat"]),
        ("on_sale=true", ["Wool hat"]),
        ("on_sale=false", ["Oak chair", "Cotton shirt"]),
        ("search=shirt", ["Cotton shirt"]),
        ("search=shirt&ordering=price&tag=home", []),
    ],
)
def test_the_list_is_filtered_and_ordered(visitor, shop, query, expected):
    assert titles(visitor.get(f"/products?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("colour=red", ("colour", "unknown_parameter")),
        ("Vendor=Acme", ("Vendor", "unknown_parameter")),
        ("tag=a&tag=b", ("tag", "repeated_parameter")),
        ("page_size=2&page_size=3", ("page_size", "repeated_parameter")),
        ("tag=", ("tag", "blank")),
        ("tag=%00", ("tag", "null_characters_not_allowed")),
        ("vendor=a%00b", ("vendor", "null_characters_not_allowed")),
        ("category=%00", ("category", "null_characters_not_allowed")),
        (f"vendor={'x' * 201}", ("vendor", "max_length")),
        ("search=a", ("search", "min_length")),
        (f"search={'x' * 101}", ("search", "max_length")),
        ("search=ab%00", ("search", "null_characters_not_allowed")),
        ("in_stock=yes", ("in_stock", "invalid_choice")),
        ("on_sale=True", ("on_sale", "invalid_choice")),
        ("ordering=rank", ("ordering", "invalid_choice")),
        ("ordering=name,price", ("ordering", "invalid_choice")),
        ("min_price=cheap", ("min_price", "invalid")),
        ("min_price=-1", ("min_price", "invalid")),
        ("min_price=1.005", ("min_price", "invalid")),
        ("min_price=NaN", ("min_price", "invalid")),
        ("max_price=1e3", ("max_price", "invalid")),
        ("max_price=9999999999999", ("max_price", "invalid")),
        ("min_price=5&max_price=4.99", ("min_price", "above_max_price")),
        ("page_size=0", ("page_size", "invalid")),
        ("page_size=101", ("page_size", "invalid")),
        ("page_size=many", ("page_size", "invalid")),
        ("cursor=junk", ("cursor", "invalid")),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(visitor, shop, query, refusal):
    answer = visitor.get(f"/products?{query}")

    assert refusals(answer) == [refusal]
    assert answer.json()["detail"] == "Some query parameters are not valid."


def test_several_mistakes_are_told_at_once(visitor):
    answer = visitor.get("/products?colour=red&size=L&tag=")

    assert refusals(answer) == [
        ("colour", "unknown_parameter"),
        ("size", "unknown_parameter"),
        ("tag", "blank"),
    ]


@pytest.mark.parametrize(
    "ordering", ["", "name", "-name", "price", "-price", "created", "-created"]
)
def test_the_pages_together_are_the_list_each_product_once(visitor, ordering):
    for number in range(12):
        make_product(f"Shirt {number % 3}", price=f"{10 + number % 4}.00")
    query = f"ordering={ordering}&" if ordering else ""
    whole = [p["slug"] for p in visitor.get(f"/products?{query}page_size=100").json()["results"]]

    url, seen = f"/api/v1/products?{query}page_size=5", []
    while url:
        page = visitor.client.get(url).json()
        seen += [product["slug"] for product in page["results"]]
        url = page["next"]

    assert seen == whole
    assert len(set(seen)) == 12


def test_a_cursor_of_another_ordering_is_refused(visitor):
    for number in range(3):
        make_product(f"Shirt {number}")
    cursor = visitor.get("/products?ordering=name&page_size=2").json()["next"].split("cursor=")[1]

    answer = visitor.get(f"/products?ordering=price&page_size=2&cursor={cursor.split('&')[0]}")

    assert refusals(answer) == [("cursor", "invalid")]
