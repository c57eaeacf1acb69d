"""Products: their names, their options, their versions, who changed what."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from audit.models import AuditEntry
from audit.versions import Stale
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from mdv.kernel.errors import Invalid, NotFound
from mdv.kernel.states import InvalidTransition
from shop.catalog import services
from shop.catalog.models import Product
from shop.catalog.services.products import OptionsInUse
from shop.catalog.states import ProductStatus
from tests.catalog.shelf import make_product, make_variant

pytestmark = pytest.mark.django_db


def problems(refusal):
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def test_a_new_product_is_a_draft_of_version_one():
    product = services.create_product(title="  Ocean   shirt ", vendor=" Acme ")

    assert (product.title, product.slug, product.vendor) == ("Ocean shirt", "ocean-shirt", "Acme")
    assert (product.status, product.version, product.price_from) == ("draft", 1, None)


def test_tags_are_tidied_and_each_is_kept_once():
    product = services.create_product(title="Shirt", tags=[" men ", "Summer", "men", "", "  "])

    assert product.tags == ["men", "Summer"]


@pytest.mark.parametrize("title", ["Filters", "Suggestions"])
def test_a_product_never_stands_in_the_way_of_a_path_of_the_api(title):
    product = services.create_product(title=title)

    assert product.slug == f"{title.lower()}-2"
    with pytest.raises(Invalid) as refusal:
        services.create_product(title="Other", slug=title)
    assert problems(refusal) == [("slug", "reserved")]
    with pytest.raises(Invalid):
        services.update_product(product_id=product.pk, slug=title)


def test_long_titles_make_slugs_that_still_have_room_for_a_number():
    title = "long " * 50
    first = services.create_product(title=title)
    second = services.create_product(title=title)

    assert len(first.slug) <= 128
    assert second.slug == f"{first.slug}-2"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": " "}, ("title", "blank")),
        ({"title": "x" * 256}, ("title", "max_length")),
        ({"title": "bell\x07"}, ("title", "control_characters")),
        ({"title": "null\x00"}, ("title", "control_characters")),
        ({"title": "x", "slug": "no spaces"}, ("slug", "invalid")),
        ({"title": "x", "category_id": 12345}, ("category", "invalid")),
        ({"title": "x", "option_names": ["Size", "size"]}, ("option_names", "repeated")),
        ({"title": "x", "option_names": ["Size", ""]}, ("option_names", "item_invalid")),
        ({"title": "x", "option_names": ["a", "b", "c", "d"]}, ("option_names", "max_length")),
        ({"title": "x", "tags": [f"t{n}" for n in range(51)]}, ("tags", "max_length")),
        ({"title": "x", "description": "x" * 50_001}, ("description", "max_length")),
    ],
)
def test_what_makes_no_sense_is_refused(fields, problem):
    with pytest.raises(Invalid) as refusal:
        services.create_product(**fields)

    assert problem in problems(refusal)
    assert not Product.objects.exists()


def test_html_nested_without_end_is_no_problem():
    product = services.create_product(title="Shirt", description="<b>" * 7_000 + "deep")

    assert product.description == "<b>" * 7_000 + "deep" + "</b>" * 7_000


def test_only_what_differs_is_a_change():
    product = make_product("Shirt", tags=["men"])
    before = AuditEntry.objects.count()

    same = services.update_product(
        product_id=product.pk, version=product.version, title=" Shirt", tags=["men", "men"]
    )

    assert (same.version, AuditEntry.objects.count()) == (product.version, before)


def test_a_change_is_a_new_version_and_found_by_its_new_words():
    product = make_product("Shirt")

    changed = services.update_product(product_id=product.pk, title="Blouse", vendor="Acme")

    assert (changed.title, changed.vendor) == ("Blouse", "Acme")
    assert changed.version == product.version + 1
    assert changed.updated_at > product.updated_at
    assert "blous" in changed.search


def test_a_stale_change_is_refused_and_says_who_changed_what_meanwhile():
    product = make_product("Shirt")
    bola = Context(source="api", actor=Actor(kind="user", id=7, label="bola@example.com"))
    with context.use(bola):
        services.update_product(product_id=product.pk, title="Blouse", vendor="Acme")
        services.update_product(product_id=product.pk, tags=["men"])

    with pytest.raises(Stale) as refusal:
        services.update_product(product_id=product.pk, version=product.version, title="Jacket")

    members = refusal.value.members
    assert members["version"] == product.version + 2
    assert [(change["by"], change["fields"]) for change in members["changes"]] == [
        ("bola@example.com", ["tags"]),
        ("bola@example.com", ["title", "vendor"]),
    ]
    assert Product.objects.get().title == "Blouse"


def test_a_version_that_never_was_is_stale_too():
    product = make_product("Shirt")

    with pytest.raises(Stale):
        services.update_product(product_id=product.pk, version=999, title="Jacket")

    assert Product.objects.get().title == "Shirt"


def test_options_are_renamed_freely_but_not_added_while_there_are_variants():
    product = services.create_product(title="Shirt", option_names=["Size"])
    make_variant(product, option_values=["L"])

    with pytest.raises(OptionsInUse):
        services.update_product(product_id=product.pk, option_names=["Size", "Colour"])
    renamed = services.update_product(product_id=product.pk, option_names=["Width"])

    assert renamed.option_names == ["Width"]


def test_options_can_be_added_before_there_are_variants():
    product = services.create_product(title="Shirt")

    changed = services.update_product(product_id=product.pk, option_names=["Size", "Colour"])

    assert changed.option_names == ["Size", "Colour"]


def test_the_status_goes_where_the_table_says():
    product = services.create_product(title="Shirt")
    make_variant(product)

    active = services.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)
    again = services.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)

    assert (active.status, again.version) == ("active", active.version)
    with pytest.raises(InvalidTransition) as refusal:
        services.set_product_status(product_id=product.pk, status="sold")
    assert refusal.value.members == {"state": "active", "allowed": ["archived", "draft"]}


def test_a_product_without_anything_to_sell_is_not_published():
    product = services.create_product(title="Shirt")
    gone = make_variant(product)
    services.archive_variant(variant_id=gone.pk)

    with pytest.raises(services.NothingToSell):
        services.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)

    product.refresh_from_db()
    assert product.status == "draft"

    services.archive_variant(variant_id=gone.pk, is_archived=False)
    assert services.set_product_status(product_id=product.pk, status="active").status == "active"


def test_a_product_with_variants_is_archived_never_deleted():
    product = make_product("Shirt")

    with pytest.raises(ProtectedError):
        services.delete_product(product_id=product.pk)

    assert Product.objects.count() == 1


def test_a_product_without_variants_can_be_deleted():
    product = services.create_product(title="Shirt")

    services.delete_product(product_id=product.pk)

    assert not Product.objects.exists()
    with pytest.raises(NotFound):
        services.update_product(product_id=product.pk, title="Jacket")


def test_a_given_slug_that_is_taken_is_refused():
    services.create_product(title="Shirt")

    with (
        pytest.raises(IntegrityError, match="product_slug_is_unique"),
        transaction.atomic(),
    ):
        services.create_product(title="Another", slug="shirt")

    assert Product.objects.count() == 1
