"""Shelves: their tree, their slugs, and what customers see of them."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from mdv.kernel.errors import Invalid, NotFound
from shop.catalog import services
from shop.catalog.models import Category
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db


def refused_by(constraint):
    """Expect the database's refusal, named."""
    return pytest.raises(IntegrityError, match=constraint)


def test_a_slug_is_made_from_the_name_and_a_taken_one_gets_a_number():
    first = services.create_category(name="Shoes & Boots")
    second = services.create_category(name="Shoes & Boots")
    third = services.create_category(name="鞋")

    assert (first.slug, second.slug, third.slug) == ("shoes-boots", "shoes-boots-2", "category")


def test_a_given_slug_that_is_taken_is_refused():
    services.create_category(name="Shoes", slug="shoes")

    with refused_by("category_slug_is_unique"), transaction.atomic():
        services.create_category(name="Other shoes", slug="SHOES")

    assert Category.objects.count() == 1


def test_descriptions_keep_formatting_and_lose_scripts():
    category = services.create_category(
        name="Shoes",
        description='<p onclick="x()">Hi<script>alert(1)</script> '
        '<a href="javascript:x()">a</a> <a href="https://example.com">b</a></p><img src="x">',
    )

    assert category.description == (
        '<p>Hi <a rel="noopener noreferrer">a</a> '
        '<a href="https://example.com" rel="noopener noreferrer">b</a></p>'
    )


def test_a_category_cannot_become_its_own_ancestor():
    top = services.create_category(name="Top")
    middle = services.create_category(name="Middle", parent_id=top.pk)
    bottom = services.create_category(name="Bottom", parent_id=middle.pk)

    for parent in (top, middle, bottom):
        with refused_by("category_refuses_cycles"), transaction.atomic():
            services.update_category(category_id=top.pk, parent_id=parent.pk)

    assert Category.objects.get(pk=top.pk).parent_id is None


def chain(length, name):
    """Categories one below the other; the topmost and the lowest."""
    above = None
    made = []
    for level in range(length):
        above = services.create_category(name=f"{name} {level}", parent_id=above and above.pk)
        made.append(above)
    return made[0], made[-1]


def test_categories_are_nested_ten_deep_and_no_deeper():
    _, lowest = chain(10, "Level")

    with refused_by("category_is_at_most_ten_deep"), transaction.atomic():
        services.create_category(name="Too deep", parent_id=lowest.pk)

    assert Category.objects.count() == 10


def test_a_subtree_is_not_moved_to_where_it_would_be_too_deep():
    _, lowest = chain(6, "Left")
    top, _ = chain(5, "Right")

    with refused_by("category_is_at_most_ten_deep"), transaction.atomic():
        services.update_category(category_id=top.pk, parent_id=lowest.pk)

    assert Category.objects.get(pk=top.pk).parent_id is None


def test_an_unknown_parent_is_refused():
    with pytest.raises(Invalid) as refusal:
        services.create_category(name="Shoes", parent_id=12345)

    assert [problem.field for problem in refusal.value.problems] == ["parent"]
    assert not Category.objects.exists()


def test_a_category_with_products_or_children_stays():
    shoes = services.create_category(name="Shoes")
    boots = services.create_category(name="Boots", parent_id=shoes.pk)
    make_product(category_id=boots.pk)

    for category in (shoes, boots):
        with pytest.raises(ProtectedError):
            services.delete_category(category_id=category.pk)

    assert Category.objects.count() == 2


def test_an_empty_category_can_be_deleted_once():
    shoes = services.create_category(name="Shoes")

    services.delete_category(category_id=shoes.pk)

    assert not Category.objects.exists()
    with pytest.raises(NotFound):
        services.delete_category(category_id=shoes.pk)


@pytest.fixture
def shelves():
    """Clothing (hidden: Sale) > Shirts, with products on them."""
    clothing = services.create_category(name="Clothing", position=2)
    shirts = services.create_category(name="Shirts", parent_id=clothing.pk)
    sale = services.create_category(name="Sale", parent_id=clothing.pk, in_navigation=False)
    services.create_category(name="Home", position=1)
    make_product("Shirt", category_id=shirts.pk)
    make_product("Hat", category_id=clothing.pk)
    make_product("Old hat", category_id=sale.pk, price=None)
    services.create_product(title="Draft", category_id=shirts.pk)


def node(name, count=0, children=(), *, in_navigation=True):
    return {
        "slug": name.lower(),
        "name": name,
        "in_navigation": in_navigation,
        "product_count": count,
        "children": list(children),
    }


def test_the_tree_counts_what_customers_can_buy_below_each_category(visitor, shelves):
    answer = visitor.get("/categories")

    assert answer.status_code == 200
    assert answer.json() == [
        node("Home"),
        node("Clothing", 2, [node("Sale", in_navigation=False), node("Shirts", 1)]),
    ]


def test_the_navigation_leaves_out_what_is_not_meant_for_it(visitor, shelves):
    answer = visitor.get("/categories?navigation=true")

    assert answer.json() == [node("Home"), node("Clothing", 2, [node("Shirts", 1)])]


@pytest.mark.parametrize(
    "query", ["navigation=1", "navigation=", "nav=true", "navigation=true&navigation=true"]
)
def test_a_parameter_that_makes_no_sense_is_refused(visitor, query):
    assert visitor.get(f"/categories?{query}").status_code == 400


def test_a_category_shows_the_way_to_it(visitor, shelves):
    answer = visitor.get("/categories/shirts")

    assert answer.json() == {
        **node("Shirts", 1),
        "description": "",
        "path": [
            {"slug": "clothing", "name": "Clothing"},
            {"slug": "shirts", "name": "Shirts"},
        ],
    }


def test_an_unknown_category_is_a_404(visitor):
    answer = visitor.get("/categories/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
