"""What the present filters leave, counted for those who choose one more."""

import pytest

from shop.catalog import services
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    clothing = services.create_category(name="Clothing")
    shirts = services.create_category(name="Shirts", parent_id=clothing.pk)
    services.create_category(name="Empty")
    make_product("Shirt", price="30.00", category_id=shirts.pk, vendor="Acme", tags=["men", "new"])
    make_product(
        "Hat", price="10.00", compare_at="15.00", category_id=clothing.pk, vendor="Acme",
        tags=["men"], stock=0,
    )  # fmt: skip
    make_product("Chair", price="200.00", tags=["home"])
    services.create_product(title="Draft", category_id=shirts.pk, vendor="Acme", tags=["men"])


def test_everything_is_counted_that_the_list_can_be_filtered_by(visitor, shop):
    answer = visitor.get("/products/filters")

    assert answer.json() == {
        "count": 3,
        "currency": "NGN",
        "price": {"min": "10.00", "max": "200.00"},
        "in_stock": 2,
        "on_sale": 1,
        "categories": [
            {"slug": "clothing", "name": "Clothing", "count": 2},
            {"slug": "shirts", "name": "Shirts", "count": 1},
        ],
        "vendors": [{"vendor": "Acme", "count": 2}],
        "tags": [
            {"tag": "men", "count": 2},
            {"tag": "home", "count": 1},
            {"tag": "new", "count": 1},
        ],
    }


@pytest.mark.parametrize("query", ["category=clothing", "tag=men", "in_stock=true", "search=shirt"])
def test_each_count_is_the_length_of_the_list_with_that_value_chosen(visitor, shop, query):
    def length(more=""):
        return len(visitor.get(f"/products?{query}{more}").json()["results"])

    facets = visitor.get(f"/products/filters?{query}").json()

    assert facets["count"] == length()
    if "in_stock" not in query:
        assert facets["in_stock"] == length("&in_stock=true")
    assert facets["on_sale"] == length("&on_sale=true")
    for vendor in facets["vendors"]:
        assert vendor["count"] == length(f"&vendor={vendor['vendor']}")
    if "tag" not in query:
        for tag in facets["tags"]:
            assert tag["count"] == length(f"&tag={tag['tag']}")
    if "category" not in query:
        for category in facets["categories"]:
            assert category["count"] == length(f"&category={category['slug']}")


@pytest.mark.parametrize("query", ["category=nothing", "vendor=Nobody", "search=nothing"])
def test_nothing_left_is_counted_as_nothing(visitor, shop, query):
    answer = visitor.get(f"/products/filters?{query}")

    assert answer.json() == {
        "count": 0,
        "currency": "NGN",
        "price": {"min": None, "max": None},
        "in_stock": 0,
        "on_sale": 0,
        "categories": [],
        "vendors": [],
        "tags": [],
    }


def test_a_question_that_makes_no_sense_is_refused(visitor):
    assert visitor.get("/products/filters?colour=red").status_code == 400
    assert visitor.get("/products/filters?min_price=2&max_price=1").status_code == 400
