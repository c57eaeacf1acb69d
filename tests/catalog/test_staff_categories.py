"""Keeping shelves over the API."""

import pytest

from shop.catalog import services
from shop.catalog.models import Category
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db


def test_a_category_is_created_below_another(staff):
    services.create_category(name="Shoes")

    answer = staff.send(
        "POST", "/staff/categories", {"name": "Boots", "parent": "shoes", "in_navigation": False}
    )

    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == "/api/v1/staff/categories/boots"
    assert answer.json() == {
        "slug": "boots",
        "name": "Boots",
        "parent": {"slug": "shoes", "name": "Shoes"},
        "position": 0,
        "in_navigation": False,
        "description": "",
        "version": 1,
    }


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "name", "required"),
        ({"name": "x", "parent": "nothing"}, "parent", "not_found"),
        ({"name": "x", "position": -1}, "position", "min_value"),
        ({"name": "x", "in_navigation": "yes"}, "in_navigation", "invalid"),
        ({"name": "x", "children": []}, "children", "unknown_field"),
    ],
)
def test_what_makes_no_sense_is_refused(staff, body, field, code):
    answer = staff.send("POST", "/staff/categories", body)

    assert answer.status_code == 400
    assert (field, code) in [(e["field"], e["code"]) for e in answer.json()["errors"]]
    assert not Category.objects.exists()


def test_a_category_is_moved_and_renamed(staff):
    services.create_category(name="Shoes")
    services.create_category(name="Boots")

    moved = staff.patch("/staff/categories/boots", {"parent": "shoes"})
    renamed = staff.patch("/staff/categories/boots", {"name": "Big boots", "parent": None})

    assert (moved.status_code, moved.json()["parent"]["slug"]) == (200, "shoes")
    assert renamed.json()["parent"] is None
    assert (renamed.json()["name"], renamed.json()["version"]) == ("Big boots", 3)


def test_a_circle_is_a_conflict(staff):
    shoes = services.create_category(name="Shoes")
    services.create_category(name="Boots", parent_id=shoes.pk)

    answer = staff.patch("/staff/categories/shoes", {"parent": "boots"})

    assert (answer.status_code, answer.json()["code"]) == (409, "category_refuses_cycles")
    assert Category.objects.get(slug="shoes").parent is None


def test_a_change_needs_the_version_that_was_seen(staff):
    services.create_category(name="Shoes")

    missing = staff.send("PATCH", "/staff/categories/shoes", {"name": "x"})
    stale = staff.send("PATCH", "/staff/categories/shoes", {"name": "x"}, **{"If-Match": '"5"'})

    assert (missing.status_code, stale.status_code) == (428, 412)
    assert Category.objects.get().name == "Shoes"


def test_only_an_empty_category_is_deleted(staff):
    shoes = services.create_category(name="Shoes")
    services.create_category(name="Hats")
    make_product(category_id=shoes.pk)

    kept = staff.send("DELETE", "/staff/categories/shoes")
    gone = staff.send("DELETE", "/staff/categories/hats")

    assert (kept.status_code, kept.json()["code"]) == (409, "protected")
    assert gone.status_code == 204
    assert [category.slug for category in Category.objects.all()] == ["shoes"]


def test_all_categories_are_listed_by_name(staff):
    for name in ("Shoes", "Hats", "Coats"):
        services.create_category(name=name)

    answer = staff.get("/staff/categories")

    assert [category["name"] for category in answer.json()["results"]] == ["Coats", "Hats", "Shoes"]
    assert staff.get("/staff/categories?colour=red").status_code == 400
