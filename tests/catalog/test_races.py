"""Several people keeping the catalogue at once."""

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from audit.versions import Stale
from mdv.kernel.errors import Invalid
from shop.catalog import services
from shop.catalog.models import Category, Product, ProductImage, Variant
from tests.catalog.shelf import make_product, make_variant, picture
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twelve_products_of_one_title_made_at_once_get_twelve_slugs():
    results = at_once([lambda: services.create_product(title="Shirt").slug] * 12)

    assert len(set(results)) == 12
    assert all(slug.startswith("shirt") for slug in results)


def test_of_two_changes_to_one_version_at_once_exactly_one_is_saved():
    product = services.create_product(title="Shirt")

    results = at_once(
        [
            lambda title=title: (
                services.update_product(product_id=product.pk, version=1, title=title).title
            )
            for title in ("Blouse", "Jacket")
        ]
    )

    saved = [result for result in results if isinstance(result, str)]
    assert [type(result) for result in results if result not in saved] == [Stale]
    assert Product.objects.get().title == saved[0]
    assert Product.objects.get().version == 2


@pytest.mark.slow
def test_the_product_shows_the_cheapest_price_whoever_was_last():
    product = services.create_product(title="Shirt", option_names=["Size"])
    variants = [make_variant(product, option_values=[size]) for size in "SML"]

    for round_ in range(20):
        prices = [100 + round_, 50 + round_, 75 + round_]
        at_once(
            [
                lambda pk=variant.pk, price=price: Variant.objects.filter(pk=pk).update(price=price)
                for variant, price in zip(variants, prices, strict=True)
            ]
        )
        assert Product.objects.get().price_from == 50 + round_


def test_images_added_at_once_leave_exactly_one_primary():
    product = make_product()

    results = at_once(
        [lambda: services.add_image(product_id=product.pk, content=picture((4, 4)))] * 5
    )

    assert {type(result) for result in results} == {ProductImage}
    assert product.images.filter(is_primary=True).count() == 1
    assert sorted(product.images.values_list("position", flat=True)) == [0, 1, 2, 3, 4]


def test_two_categories_moved_below_each_other_at_once_make_no_circle():
    first = services.create_category(name="First")
    second = services.create_category(name="Second")

    for _ in range(5):
        at_once(
            [
                lambda: services.update_category(category_id=first.pk, parent_id=second.pk),
                lambda: services.update_category(category_id=second.pk, parent_id=first.pk),
            ]
        )
        parents = dict(Category.objects.values_list("pk", "parent_id"))
        assert sorted(map(bool, parents.values())) == [False, True]
        Category.objects.update(parent=None)


def test_a_category_and_a_product_for_it_at_once_leave_no_product_without_its_shelf():
    for round_ in range(5):
        category = services.create_category(name=f"Shoes {round_}")

        deleted, created = at_once(
            [
                lambda pk=category.pk: services.delete_category(category_id=pk),
                lambda pk=category.pk: services.create_product(title="Boot", category_id=pk),
            ]
        )

        assert deleted is None or isinstance(deleted, ProtectedError | IntegrityError)
        assert isinstance(created, Product | Invalid | IntegrityError)
        exists = Category.objects.filter(pk=category.pk).exists()
        assert exists == isinstance(created, Product)
