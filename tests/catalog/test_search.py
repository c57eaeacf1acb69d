"""Searching: by words as people type them, by SKU, and suggestions while they type."""

from urllib.parse import quote

import pytest

from shop.catalog import services
from tests.catalog.shelf import make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    shirt = make_product("Ocean blue shirt", tags=["summer"], vendor="Acme")
    make_product("Sandals", description="<p>Go well with a <b>shirt</b> by the ocean.</p>")
    make_product("Winter coat", tags=["warm"])
    lamp = services.create_product(title="Desk lamp", option_names=["Colour"])
    make_variant(lamp, sku="LAMP-01-RED", option_values=["red"])
    services.set_product_status(product_id=lamp.pk, status="active")
    gone = make_variant(lamp, sku="LAMP-02-OLD", option_values=["old"])
    services.archive_variant(variant_id=gone.pk)
    draft = services.create_product(title="Ocean draft")
    make_variant(draft, sku="DRAFT-1")
    return shirt


def found(visitor, text, **more):
    query = "&".join(f"{name}={quote(value)}" for name, value in {"search": text, **more}.items())
    answer = visitor.get(f"/products?{query}")
    assert answer.status_code == 200, answer.json()
    return [product["title"] for product in answer.json()["results"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shirt", ["Ocean blue shirt", "Sandals"]),
        ("SHIRTS", ["Ocean blue shirt", "Sandals"]),
        ("ocean shirt", ["Ocean blue shirt", "Sandals"]),
        ('"blue shirt"', ["Ocean blue shirt"]),
        ("ocean -sandals", ["Ocean blue shirt"]),
        ("sandals or coat", ["Winter coat", "Sandals"]),
        ("acme", ["Ocean blue shirt"]),
        ("summer", ["Ocean blue shirt"]),
        ("strong", []),
        ("draft", []),
        ("the", []),
        ("LAMP-01-RED", ["Desk lamp"]),
        ("lamp-01", ["Desk lamp"]),
        ("la", ["Desk lamp"]),
        ("LAMP-02-OLD", []),
        ("LAMP-02", []),
        ("DRAFT-1", []),
        ("AMP-01", []),
    ],
)
def test_what_a_search_finds_the_best_match_first(visitor, shop, text, expected):
    assert found(visitor, text) == expected


def test_a_sku_typed_in_full_comes_before_words_that_match(visitor, shop):
    make_product("Boot for the LAMP-01-RED")

    assert found(visitor, "lamp-01-red")[0] == "Desk lamp"


def test_an_ordering_that_is_asked_for_overrules_the_rank(visitor, shop):
    assert found(visitor, "shirt", ordering="-name") == ["Sandals", "Ocean blue shirt"]


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --", "select * from users", "<script>", "%%", "__", "a & b | !c", ":*", "((",
        '""', "\\\\", "foo:bar*", "🦀🦀", "/admin", "a" * 100, "-- --", "!!", "' '",
    ],
)  # fmt: skip
def test_whatever_is_typed_is_only_text(visitor, shop, text):
    assert visitor.get(f"/products?search={quote(text)}").status_code == 200
    assert visitor.get(f"/products/suggestions?q={quote(text + 'aa')[:90]}").status_code == 200
    assert visitor.get(f"/products/filters?search={quote(text)}").status_code == 200


def test_the_pages_of_a_search_together_are_its_results(visitor):
    for number in range(9):
        make_product(f"Shirt {'shirt ' * (number % 3)}{number}")
    whole = [p["slug"] for p in visitor.get("/products?search=shirt").json()["results"]]

    url, seen = "/api/v1/products?search=shirt&page_size=2", []
    while url:
        page = visitor.client.get(url).json()
        seen += [product["slug"] for product in page["results"]]
        url = page["next"]

    assert seen == whole
    assert len(set(seen)) == 9


def suggested(visitor, text):
    answer = visitor.get(f"/products/suggestions?q={quote(text)}")
    assert answer.status_code == 200
    return [suggestion["title"] for suggestion in answer.json()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oce", ["Ocean blue shirt"]),
        ("OCEAN bl", ["Ocean blue shirt"]),
        ("shirt oc", ["Ocean blue shirt"]),
        ("shirts", []),
        ("by", []),
        ("draf", []),
        ("??", []),
    ],
)
def test_titles_are_suggested_by_words_that_may_be_unfinished(visitor, shop, text, expected):
    assert suggested(visitor, text) == expected


def test_a_suggestion_names_the_product(visitor, shop):
    answer = visitor.get("/products/suggestions?q=ocean")

    assert answer.json() == [{"slug": "ocean-blue-shirt", "title": "Ocean blue shirt"}]


def test_ten_are_suggested_at_most(visitor):
    for number in range(12):
        make_product(f"Shirt {number:02}")

    assert suggested(visitor, "shi") == [f"Shirt {number:02}" for number in range(10)]


@pytest.mark.parametrize(
    "query", ["", "q=", "q=a", "q=%20a%20", f"q={'x' * 101}", "q=ab%00", "q=ab&q=cd", "query=ab"]
)
def test_too_little_or_too_much_to_go_by_is_refused(visitor, query):
    assert visitor.get(f"/products/suggestions?{query}").status_code == 400
