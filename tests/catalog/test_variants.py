"""Variants: SKUs, options, prices, and what the product shows of them."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from audit.versions import Stale
from mdv.kernel.errors import Invalid
from shop.catalog import services
from shop.catalog.models import Product, Variant
from shop.catalog.services import variants
from shop.catalog.services.variants import TooManyVariants
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shirt():
    return services.create_product(title="Ocean shirt", option_names=["Size", "Colour"])


def problems(refusal):
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def test_a_sku_is_made_up_when_none_is_given(shirt):
    first = make_variant(shirt, option_values=["L", "Blue"])
    second = make_variant(services.create_product(title="Ocean shirt L blue"))
    third = make_variant(services.create_product(title="Ocean shirt", slug="ocean-shirt-l-blue-3"))

    assert first.sku == "OCEAN-SHIRT-L-BLUE"
    assert second.sku == "OCEAN-SHIRT-L-BLUE-2"
    assert third.sku == "OCEAN-SHIRT-L-BLUE-3"


def test_variants_stand_in_the_order_they_were_added(shirt):
    for size in "SML":
        make_variant(shirt, option_values=[size, "Blue"])

    assert list(shirt.variants.order_by("position").values_list("position", flat=True)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"option_values": []}, ("option_values", "one_per_option")),
        ({"option_values": ["L"]}, ("option_values", "one_per_option")),
        ({"option_values": ["L", "Blue", "x"]}, ("option_values", "one_per_option")),
        ({"option_values": ["L", " "]}, ("option_values", "item_invalid")),
        ({"price": Decimal("-0.01")}, ("price", "min_value")),
        ({"price": Decimal(100000000)}, ("price", "max_value")),
        ({"price": Decimal("10.005")}, ("price", "money")),
        ({"price": 10.5}, ("price", "money")),
        ({"compare_at_price": Decimal(10)}, ("compare_at_price", "not_above_price")),
        ({"sku": "has space"}, ("sku", "invalid")),
        ({"sku": "low"}, ("sku", "reserved")),
        ({"sku": "x" * 65}, ("sku", "max_length")),
        ({"image_id": 12345}, ("image", "invalid")),
        ({"weight_grams": -1}, ("weight_grams", "min_value")),
    ],
)
def test_what_makes_no_sense_is_refused(shirt, fields, problem):
    sound = {"option_values": ["L", "Blue"], "price": Decimal(10)}

    with pytest.raises(Invalid) as refusal:
        services.create_variant(product_id=shirt.pk, **{**sound, **fields})

    assert problem in problems(refusal)
    assert not Variant.objects.exists()


def test_the_same_options_twice_are_refused_by_the_database(shirt):
    make_variant(shirt, option_values=["L", "Blue"])

    with (
        pytest.raises(IntegrityError, match="variant_options_are_unique_within_product"),
        transaction.atomic(),
    ):
        make_variant(shirt, option_values=[" L", "Blue "])

    assert shirt.variants.count() == 1


def test_a_taken_sku_is_refused_by_the_database(shirt):
    make_variant(shirt, sku="A-1", option_values=["L", "Blue"])

    with pytest.raises(IntegrityError, match="sku_is_unique"), transaction.atomic():
        make_variant(shirt, sku="A-1", option_values=["M", "Blue"])

    assert shirt.variants.count() == 1


def test_a_variant_shows_only_an_image_of_its_own_product(shirt):
    mine = services.add_image(product_id=shirt.pk, content=picture())
    other = services.create_product(title="Other")
    theirs = services.add_image(product_id=other.pk, content=picture())
    variant = make_variant(shirt, option_values=["L", "Blue"], image_id=mine.pk)

    with pytest.raises(Invalid) as refusal:
        services.update_variant(variant_id=variant.pk, image_id=theirs.pk)

    assert problems(refusal) == [("image_id", "not_found")]
    assert Variant.objects.get(pk=variant.pk).image_id == mine.pk


def test_a_product_holds_a_bounded_number_of_variants(shirt, monkeypatch):
    monkeypatch.setattr(variants, "MAX_VARIANTS", 2)
    make_variant(shirt, option_values=["S", "Blue"])
    make_variant(shirt, option_values=["M", "Blue"])

    with pytest.raises(TooManyVariants):
        make_variant(shirt, option_values=["L", "Blue"])

    assert shirt.variants.count() == 2


def prices_of(product):
    product = Product.objects.get(pk=product.pk)
    return product.price_from, product.compare_at_from, product.on_sale


def test_the_product_shows_its_cheapest_variant_for_sale(shirt):
    assert prices_of(shirt) == (None, None, False)

    dear = make_variant(shirt, "30.00", option_values=["L", "Blue"], compare_at_price="40.00")
    assert prices_of(shirt) == (Decimal("30.00"), Decimal("40.00"), True)

    cheap = make_variant(shirt, "20.00", option_values=["M", "Blue"])
    assert prices_of(shirt) == (Decimal("20.00"), None, True)

    services.archive_variant(variant_id=dear.pk)
    assert prices_of(shirt) == (Decimal("20.00"), None, False)

    services.update_variant(variant_id=cheap.pk, price=Decimal("25.00"))
    assert prices_of(shirt) == (Decimal("25.00"), None, False)

    services.delete_variant(variant_id=cheap.pk)
    assert prices_of(shirt) == (None, None, False)

    services.archive_variant(variant_id=dear.pk, is_archived=False)
    assert prices_of(shirt) == (Decimal("30.00"), Decimal("40.00"), True)


def test_the_product_shows_its_prices_whoever_writes_them(shirt):
    variant = make_variant(shirt, "30.00", option_values=["L", "Blue"])

    Variant.objects.update(price="12.00")
    assert prices_of(shirt)[0] == Decimal("12.00")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_variant SET price = 7 WHERE id = %s", [variant.pk])
    assert prices_of(shirt)[0] == Decimal("7.00")

    Variant.objects.bulk_create(
        [Variant(product=shirt, sku="B", option_values=["a", "b"], price=Decimal(5))]
    )
    assert prices_of(shirt)[0] == Decimal("5.00")


def test_price_and_comparison_are_changed_together(shirt):
    variant = make_variant(shirt, "30.00", option_values=["L", "Blue"])

    changed = services.update_variant(
        variant_id=variant.pk, version=1, price=Decimal("50.00"), compare_at_price=Decimal("60.00")
    )

    assert (changed.price, changed.compare_at_price) == (Decimal("50.00"), Decimal("60.00"))
    assert (changed.version, changed.is_reduced) == (2, True)
    with pytest.raises(Invalid) as refusal:
        services.update_variant(variant_id=variant.pk, price=Decimal("60.00"))
    assert problems(refusal) == [("compare_at_price", "not_above_price")]
    assert Variant.objects.get().price == Decimal("50.00")


def test_a_stale_change_of_price_is_refused(shirt):
    variant = make_variant(shirt, "30.00", option_values=["L", "Blue"])
    services.update_variant(variant_id=variant.pk, price=Decimal("31.00"))

    with pytest.raises(Stale) as refusal:
        services.update_variant(variant_id=variant.pk, version=1, price=Decimal("29.00"))

    assert [change["fields"] for change in refusal.value.members["changes"]] == [["price"]]
    assert Variant.objects.get().price == Decimal("31.00")


def test_what_ever_had_stock_is_archived_never_deleted():
    product = make_product(stock=3)
    variant = product.variants.get()

    with pytest.raises(ProtectedError):
        services.delete_variant(variant_id=variant.pk)
    services.archive_variant(variant_id=variant.pk)

    assert Variant.objects.get().is_archived


def test_what_never_had_stock_can_be_deleted(shirt):
    variant = make_variant(shirt, option_values=["L", "Blue"])

    services.delete_variant(variant_id=variant.pk)

    assert not Variant.objects.exists()
