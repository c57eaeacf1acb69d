"""Keeping products over the API: create, read, change, show, delete."""

import pytest

from audit.models import AuditEntry
from shop.catalog import services
from shop.catalog.models import Product
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db


def refusals(answer):
    assert answer.status_code == 400, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_product_is_created_as_a_draft_with_its_address_and_version(staff):
    services.create_category(name="Shoes")

    answer = staff.send(
        "POST",
        "/staff/products",
        {
            "title": "Boot",
            "category": "shoes",
            "vendor": "Acme",
            "tags": ["winter"],
            "option_names": ["Size"],
            "description": "<p>Warm<script>x</script></p>",
        },
    )

    shown = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == "/api/v1/staff/products/boot"
    assert answer["ETag"] == '"1"'
    assert (shown["slug"], shown["status"], shown["version"]) == ("boot", "draft", 1)
    assert (shown["category"], shown["description"]) == (
        {"slug": "shoes", "name": "Shoes"},
        "<p>Warm</p>",
    )
    assert (shown["price_from"], shown["variants"], shown["images"]) == (None, [], [])
    assert staff.get("/staff/products/boot").json() == shown


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, ("title", "required")),
        ({"title": ""}, ("title", "blank")),
        ({"title": None}, ("title", "null")),
        ({"title": 5}, ("title", "invalid")),
        ({"title": "x" * 256}, ("title", "max_length")),
        ({"title": "a\nb"}, ("title", "control_characters")),
        ({"title": "x", "colour": "red"}, ("colour", "unknown_field")),
        ({"title": "x", "status": "active"}, ("status", "unknown_field")),
        ({"title": "x", "version": 9}, ("version", "unknown_field")),
        ({"title": "x", "category": "nothing"}, ("category", "not_found")),
        ({"title": "x", "category": 1}, ("category", "invalid")),
        ({"title": "x", "slug": "no spaces"}, ("slug", "invalid")),
        ({"title": "x", "slug": "filters"}, ("slug", "reserved")),
        ({"title": "x", "tags": "men"}, ("tags", "not_a_list")),
        ({"title": "x", "tags": [1]}, ("tags.0", "invalid")),
        ({"title": "x", "tags": ["t"] * 51}, ("tags", "max_length")),
        ({"title": "x", "option_names": ["a", "b", "c", "d"]}, ("option_names", "max_length")),
        ({"title": "x", "option_names": ["Size", "SIZE"]}, ("option_names", "repeated")),
    ],
)
def test_what_makes_no_sense_is_refused(staff, body, refusal):
    assert refusal in refusals(staff.send("POST", "/staff/products", body))
    assert not Product.objects.exists()


def test_a_slug_that_is_taken_is_a_conflict(staff):
    make_product("Boot")

    answer = staff.send("POST", "/staff/products", {"title": "Another", "slug": "boot"})

    assert (answer.status_code, answer.json()["code"]) == (409, "product_slug_is_unique")
    assert Product.objects.count() == 1


def test_what_is_sent_is_changed_and_the_rest_stays(staff):
    make_product("Boot", vendor="Acme", tags=["winter"])
    etag = staff.get("/staff/products/boot")["ETag"]

    answer = staff.send("PATCH", "/staff/products/boot", {"tags": []}, **{"If-Match": etag})

    shown = answer.json()
    assert answer.status_code == 200
    assert (shown["title"], shown["vendor"], shown["tags"]) == ("Boot", "Acme", [])
    assert answer["ETag"] == f'"{shown["version"]}"' != etag


def test_a_proxy_that_weakens_the_etag_does_no_harm(staff):
    make_product("Boot")
    etag = staff.get("/staff/products/boot")["ETag"]

    answer = staff.send(
        "PATCH", "/staff/products/boot", {"vendor": "Acme"}, **{"If-Match": f"W/{etag}"}
    )

    assert answer.status_code == 200


def test_a_change_must_say_for_which_version_it_is(staff):
    make_product("Boot")

    answer = staff.send("PATCH", "/staff/products/boot", {"vendor": "Acme"})

    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert Product.objects.get().vendor == ""


@pytest.mark.parametrize("etag", ['"999"', '"1"', "*", "2", '"x"', '"2", "3"'])
def test_a_stale_change_is_refused_and_names_who_changed_what(staff, etag):
    product = make_product("Boot")
    assert staff.patch("/staff/products/boot", {"tags": ["new"]}).status_code == 200

    answer = staff.send("PATCH", "/staff/products/boot", {"vendor": "A"}, **{"If-Match": etag})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (412, "stale")
    assert problem["version"] == product.version + 1
    if etag == '"1"':
        assert [(c["by"], c["fields"]) for c in problem["changes"]] == [
            ("operations@example.com", ["tags"]),
            ("system", ["status"]),
        ]
        assert problem["changes"][0]["at"].endswith("Z")
    assert Product.objects.get().vendor == ""


def test_the_trail_says_who_changed_what_with_which_request(staff):
    make_product("Boot")

    staff.patch("/staff/products/boot", {"vendor": "Acme"})

    entry = AuditEntry.objects.filter(event="changed").latest()
    assert entry.changes["vendor"] == ["", "Acme"]
    assert (entry.actor_email, entry.source) == ("operations@example.com", "api")
    assert entry.cid


def test_the_status_is_set_by_name_and_may_be_refused(staff):
    make_product("Boot")

    draft = staff.send("POST", "/staff/products/boot/status", {"status": "draft"})
    junk = staff.send("POST", "/staff/products/boot/status", {"status": "sold"})

    assert (draft.status_code, draft.json()["status"]) == (200, "draft")
    assert refusals(junk) == [("status", "invalid_choice")]
    assert Product.objects.get().status == "draft"


def test_a_product_that_has_variants_is_not_deleted(staff):
    make_product("Boot")

    answer = staff.send("DELETE", "/staff/products/boot")

    assert (answer.status_code, answer.json()["code"]) == (409, "protected")
    assert Product.objects.count() == 1


def test_a_product_without_variants_is_deleted(staff):
    services.create_product(title="Boot")

    answer = staff.send("DELETE", "/staff/products/boot")

    assert (answer.status_code, answer.content) == (204, b"")
    assert staff.send("DELETE", "/staff/products/boot").status_code == 404
    assert staff.get("/staff/products/boot").status_code == 404


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [product["title"] for product in answer.json()["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Draft", "Sold", "Old"]),
        ("status=draft", ["Draft"]),
        ("status=archived", ["Old"]),
        ("search=old-1", ["Old"]),
        ("vendor=Acme", ["Sold"]),
        ("ordering=price", ["Sold", "Old", "Draft"]),
        ("ordering=-price", ["Draft", "Old", "Sold"]),
        ("ordering=name", ["Draft", "Old", "Sold"]),
    ],
)
def test_staff_list_products_in_every_status(staff, query, expected):
    old = make_product("Old", price=None)
    make_variant(old, "20.00", sku="OLD-1", stock=1)
    services.set_product_status(product_id=old.pk, status="archived")
    make_product("Sold", price="10.00", vendor="Acme")
    services.create_product(title="Draft")

    assert titles(staff.get(f"/staff/products?{query}")) == expected


def test_the_staff_list_pages_through_products_without_a_price_too(staff):
    for number in range(5):
        make_product(f"Boot {number}", price=None if number % 2 else "10.00")

    url, seen = "/api/v1/staff/products?ordering=price&page_size=2", []
    while url:
        page = staff.client.get(url, headers=staff.headers).json()
        seen += [product["title"] for product in page["results"]]
        url = page["next"]

    assert sorted(seen) == [f"Boot {number}" for number in range(5)]
    assert seen[-2:] == ["Boot 1", "Boot 3"]


@pytest.mark.parametrize("query", ["status=sold", "colour=red", "page_size=1001"])
def test_a_question_that_makes_no_sense_is_refused(staff, query):
    assert staff.get(f"/staff/products?{query}").status_code == 400


def test_a_list_of_staff_takes_the_same_few_statements_however_long(
    staff, django_assert_num_queries
):
    for number in range(15):
        product = make_product(f"Boot {number}")
        services.add_image(product_id=product.pk, content=picture((4, 4)))

    with django_assert_num_queries(2):  # the token with the roles, the page
        assert len(titles(staff.get("/staff/products"))) == 15
    with django_assert_num_queries(2):
        assert len(titles(staff.get("/staff/products?page_size=2"))) == 2
