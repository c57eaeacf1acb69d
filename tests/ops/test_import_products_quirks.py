"""import_products: the ways of Shopify's files that are no mistakes."""

from decimal import Decimal

import pytest

from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.stock.models import StockItem, StockMovement
from tests.ops.product_files import (
    mug,
    picture,
    product_file,
    ring,
    ring_title,
    run_import,
)

pytestmark = pytest.mark.django_db


def test_the_order_of_a_products_rows_does_not_matter_nor_that_others_stand_between(tmp_path):
    path = product_file(tmp_path, ring("50"), mug(), ring_title("52"), ring("54"))

    run = run_import(path)

    assert (run.code, run.refused) == (0, [])
    ring_variants = Variant.objects.filter(product__slug="ring").order_by("position")
    assert [variant.option_values for variant in ring_variants] == [["50"], ["52"], ["54"]]


def test_a_title_on_every_row_is_one_product(tmp_path):
    path = product_file(tmp_path, ring_title("50"), ring_title("52"))

    run = run_import(path)

    assert run.code == 0
    assert Product.objects.get().variants.count() == 2


def test_handles_are_the_same_in_any_case(tmp_path):
    run = run_import(product_file(tmp_path, ring_title("50", handle="Ring"), ring("52")))

    assert run.code == 0
    assert Product.objects.get().slug == "ring"


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"name1": "Title", "value1": "Default Title"},
        {"value1": "Default Title"},
    ],
)
def test_title_default_title_is_no_option(tmp_path, cells):
    run = run_import(product_file(tmp_path, mug(**cells)))

    assert run.code == 0
    assert Product.objects.get().option_names == []
    assert Variant.objects.get().option_values == []
    assert Variant.objects.get().sku == "mug"


def test_an_option_that_really_is_called_title_stays_one(tmp_path):
    path = product_file(tmp_path, ring_title("Sir", name1="Title"), ring("Dame"))

    run = run_import(path)

    assert run.code == 0
    assert Product.objects.get().option_names == ["Title"]
    assert list(Variant.objects.order_by("position").values_list("sku", flat=True)) == [
        "ring-sir",
        "ring-dame",
    ]


@pytest.mark.parametrize(("before", "noted"), [("9.99", "9.99"), ("5", "5.00"), ("0", "0.00")])
def test_a_former_price_that_is_no_reduction_is_left_out_with_a_note(tmp_path, before, noted):
    run = run_import(product_file(tmp_path, mug(compare=before)))

    assert run.code == 0
    text = f"Variant Compare At Price “{noted}” is not above the price and was left out."
    assert run.notes == [(2, text)]
    assert Variant.objects.get().compare_at_price is None
    assert Variant.objects.get().price == Decimal("9.99")


def test_stock_below_zero_is_taken_as_none_with_a_note(tmp_path):
    run = run_import(product_file(tmp_path, mug(quantity="-3")))

    assert run.code == 0
    assert run.notes == [(2, "Variant Inventory Qty “-3” is below zero and was taken as 0.")]
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("quantity", ["", "0"])
def test_no_stock_is_no_movement(tmp_path, quantity):
    run = run_import(product_file(tmp_path, mug(quantity=quantity)))

    assert (run.code, run.notes) == (0, [])
    assert Variant.objects.count() == 1
    assert not StockItem.objects.exists()


def test_an_image_that_comes_twice_is_kept_once_with_a_note(tmp_path):
    path = product_file(
        tmp_path,
        mug(image=picture("mug"), position="1", alt="A mug"),
        {"handle": "mug", "image": picture("mug"), "position": "2"},
        {"handle": "mug", "image": picture("cup"), "position": "3"},
    )

    run = run_import(path)

    assert run.notes == [(3, "The image is the same as on line 2.")]
    assert run.sums[0] == (
        "products.csv: 3 rows = 1 variants + 2 images only + 0 refused + 0 empty"
    )
    images = ProductImage.objects.order_by("position")
    assert list(images.values_list("source_url", "position", "alt")) == [
        (picture("mug"), 1, "A mug"),
        (picture("cup"), 3, ""),
    ]


@pytest.mark.parametrize("bad", [{"price": "x"}, {"sku": "MUG"}])
def test_an_image_stays_when_the_first_row_that_has_it_is_refused(tmp_path, bad):
    run_import(product_file(tmp_path, mug(sku="MUG"), name="before.csv"))
    path = product_file(
        tmp_path,
        ring_title("50", image=picture("ring"), **bad),
        ring("52", image=picture("ring")),
    )

    run = run_import(path)

    assert [line for line, _ in run.refused] == [2]
    assert ProductImage.objects.get().source_url == picture("ring")


def test_the_image_with_the_first_position_stands_for_the_product(tmp_path):
    path = product_file(
        tmp_path,
        mug(image=picture("unplaced")),
        {"handle": "mug", "image": picture("second"), "position": "2"},
        {"handle": "mug", "image": picture("first"), "position": "1"},
    )

    run_import(path)

    images = ProductImage.objects.order_by("position")
    assert list(images.values_list("source_url", "position", "is_primary")) == [
        (picture("first"), 1, True),
        (picture("second"), 2, False),
        (picture("unplaced"), 3, False),
    ]


def test_a_variants_image_that_no_other_cell_names_becomes_one_of_the_products(tmp_path):
    path = product_file(
        tmp_path,
        ring_title("50", image=picture("ring"), position="1"),
        ring("52", variant_image=picture("ring-52")),
    )

    run = run_import(path)

    assert run.code == 0
    assert Variant.objects.get(sku="ring-52").image.source_url == picture("ring-52")
    assert Variant.objects.get(sku="ring-50").image is None
    assert ProductImage.objects.get(is_primary=True).source_url == picture("ring")


def test_types_become_categories_that_are_found_again_by_their_slug(tmp_path):
    Category.objects.create(name="Home and garden", slug="home-garden")
    path = product_file(
        tmp_path,
        mug(type="Home & Garden"),
        mug(handle="cup", type="陶器"),
        mug(handle="pot", type="陶器"),
    )

    run = run_import(path)

    assert "categories: 1 created" in run.sums
    assert Product.objects.get(slug="mug").category.name == "Home and garden"
    cup, pot = (Product.objects.get(slug=slug) for slug in ("cup", "pot"))
    assert cup.category == pot.category
    assert (cup.category.name, cup.category.slug) == ("陶器", "category-0af4ac33")


def test_tags_are_tidied_and_kept_once(tmp_path):
    run_import(product_file(tmp_path, mug(tags=" Clay,,kitchen , Clay,")))

    assert Product.objects.get().tags == ["Clay", "kitchen"]


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"published": "true"}, "active"),
        ({"published": "TRUE"}, "active"),
        ({"published": "false"}, "draft"),
        ({"published": ""}, "draft"),
        ({"status": "active"}, "active"),
        ({"status": "active", "published": "true"}, "active"),
        ({"status": "active", "published": "false"}, "draft"),
        ({"status": "draft", "published": "true"}, "draft"),
        ({"status": "unlisted", "published": "true"}, "draft"),
        ({"status": "archived", "published": "true"}, "archived"),
    ],
)
def test_only_what_is_published_and_active_is_shown(tmp_path, cells, status):
    run = run_import(product_file(tmp_path, mug(**cells), without=()))

    assert run.code == 0
    assert Product.objects.get().status == status


def test_an_unknown_status_is_refused(tmp_path):
    run = run_import(product_file(tmp_path, mug(status="on"), without=()))

    assert run.refused == [(2, "The product's row (line 2): Status “on” is not a status.")]
    assert not Product.objects.exists()


@pytest.mark.parametrize(("cell", "grams"), [("", 0), ("28", 28), ("453.592", 454), ("0.5", 1)])
def test_grams_are_rounded_to_whole_ones(tmp_path, cell, grams):
    run_import(product_file(tmp_path, mug(grams=cell)))

    assert Variant.objects.get().weight_grams == grams


def test_the_apostrophes_that_guard_numbers_from_spreadsheets_are_taken_off(tmp_path):
    run = run_import(product_file(tmp_path, mug(sku="'00123", barcode="'0400638133393")))

    assert run.code == 0
    assert Variant.objects.get().sku == "00123"
    assert Variant.objects.get().barcode == "0400638133393"


def test_a_file_with_the_least_columns_is_enough(tmp_path):
    path = tmp_path / "least.csv"
    path.write_text("Handle,Title,Variant Price,Image Src\nmug,Mug,9.99,http://a.com/b\n")

    run = run_import(path)

    assert run.code == 0
    product = Product.objects.get()
    assert (product.title, product.description, product.status) == ("Mug", "", "draft")
    assert Variant.objects.get().price == Decimal("9.99")
    assert ProductImage.objects.get().source_url == "http://a.com/b"
