"""What all public reads have in common: no log-in, a short public life, ETag, limits."""

import pytest

from mdv.limits.counting import parse_rate
from shop.catalog import services
from tests.catalog.clients import Caller
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db

READS = [
    "/categories",
    "/categories/shoes",
    "/products",
    "/products/filters",
    "/products/suggestions?q=boot",
    "/products/boot",
    "/products/boot/recommendations",
]


@pytest.fixture(autouse=True)
def shop():
    shoes = services.create_category(name="Shoes")
    return make_product("Boot", category_id=shoes.pk)


@pytest.mark.parametrize("path", READS)
def test_anybody_may_read_and_keep_it_for_a_moment(visitor, path):
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer["Cache-Control"] in {"public, max-age=5", "public, max-age=60"}
    assert answer["X-RateLimit-Limit"] == "100000"


@pytest.mark.parametrize("path", ["/products", "/products/boot", "/products/filters"])
def test_stock_is_at_most_five_seconds_old(visitor, path):
    assert visitor.get(path)["Cache-Control"] == "public, max-age=5"


@pytest.mark.parametrize("path", READS)
def test_who_has_it_already_is_told_so(visitor, path):
    first = visitor.get(path)

    again = visitor.get(path, **{"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]


@pytest.mark.parametrize("path", ["/products", "/products/boot", "/categories/shoes"])
def test_after_a_change_it_is_sent_again(visitor, shop, path):
    first = visitor.get(path)
    services.update_product(product_id=shop.pk, title="Better boot")
    services.update_category(category_id=shop.category_id, name="Better shoes")

    again = visitor.get(path, **{"If-None-Match": first["ETag"]})

    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert b"Better" in again.content


@pytest.mark.parametrize(
    "path", ["/products?colour=red", "/products/nothing", "/categories/nothing"]
)
def test_a_refusal_is_kept_by_nobody(visitor, path):
    answer = visitor.get(path)

    assert answer.status_code in {400, 404}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", READS)
def test_a_token_that_has_ended_is_no_reason_not_to_browse(path):
    assert Caller("no-such-token").get(path).status_code == 200


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_written_here(visitor, path, method):
    assert visitor.send(method, path, {}).status_code == 405


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/categories", "catalogue"),
        ("/products", "catalogue"),
        ("/products/boot", "catalogue"),
        ("/products/boot/recommendations", "catalogue"),
        ("/products/filters?tag=a", "catalogue"),
        ("/products?search=boot", "search"),
        ("/products/filters?search=boot", "search"),
        ("/products/suggestions?q=boot", "search"),
    ],
)
def test_each_read_has_its_limit(visitor, settings, path, scope):
    settings.RATE_LIMITS = {"catalogue": "2/d", "search": "2/d"}
    settings.RATE_LIMITS[scope] = "1/d"

    first, second = visitor.get(path), visitor.get(path)

    assert parse_rate(settings.RATE_LIMITS[scope])[0] == int(first["X-RateLimit-Limit"])
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json()["code"] == "rate_limited"
