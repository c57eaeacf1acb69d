"""import_products: the SKUs that it makes up where the file has none."""

import re

import pytest

from mdv.ops.product_import.skus import choose_skus, distinct_sku, plain_sku
from shop.catalog.models import SKU_PATTERN, Product, Variant
from tests.ops.product_files import mug, product_file, ring, ring_title, run_import


def everything_is_free(sku):
    return True


@pytest.mark.parametrize(
    ("handle", "options", "sku"),
    [
        ("mug", (), "mug"),
        ("shirt", ("Small", "Sea Blue"), "shirt-small-sea-blue"),
        ("shirt", ("10½ in.",), "shirt-1012-in"),
        ("_odd-", ("Écru",), "odd--ecru"),
        ("a" * 64, (), "a" * 64),
        # Too long, or nothing legible left: a digest makes it distinct.
        ("a" * 65, (), "a" * 55 + "-635361c4"),
        ("shirt", ("红",), "shirt-90e76c3c"),
        ("shirt", ("M", "+"), "shirt-m-018a810a"),
        ("---", (), "cb3f91d5"),
    ],
)
def test_a_sku_is_made_of_handle_and_option_values(handle, options, sku):
    assert plain_sku(handle, options) == sku
    assert re.fullmatch(SKU_PATTERN, sku)


def test_variants_that_would_get_the_same_sku_all_get_distinct_ones_in_any_order():
    options = [("A+",), ("A-",), ("B",)]

    skus = choose_skus("pen", options, everything_is_free)

    assert skus == {
        ("A+",): distinct_sku("pen", ("A+",)),
        ("A-",): distinct_sku("pen", ("A-",)),
        ("B",): "pen-b",
    }
    assert len(set(skus.values())) == 3
    assert choose_skus("pen", options[::-1], everything_is_free) == skus


def test_a_sku_that_is_not_free_is_not_chosen():
    skus = choose_skus("pen", [("B",)], lambda sku: sku != "pen-b")

    assert skus == {("B",): distinct_sku("pen", ("B",))}


@pytest.mark.django_db
def test_a_made_up_sku_gives_way_to_one_that_a_later_row_or_file_gives(tmp_path):
    first = product_file(tmp_path, ring_title("9"), mug(sku="ring-9"), name="first.csv")
    other = product_file(tmp_path, mug(handle="cup", sku="ring-10"), name="other.csv")
    extra = product_file(
        tmp_path, ring_title("10", handle="ring", title="Ring"), name="unrelated.csv"
    )

    run = run_import(first, other)

    assert run.code == 0
    assert Variant.objects.get(product__slug="mug").sku == "ring-9"
    assert Variant.objects.get(product__slug="ring").sku == distinct_sku("ring", ("9",))
    assert run_import(extra).code == 0
    assert Variant.objects.get(option_values=["10"]).sku == distinct_sku("ring", ("10",))


@pytest.mark.django_db
def test_products_whose_skus_would_be_the_same_get_distinct_ones_and_keep_them(tmp_path):
    path = product_file(
        tmp_path,
        ring_title("b-c", handle="a", title="A"),
        ring_title("c", handle="a-b", title="A-B"),
    )

    run_import(path)
    again = run_import(path)

    skus = dict(Variant.objects.values_list("product__slug", "sku"))
    assert skus == {"a": "a-b-c", "a-b": distinct_sku("a-b", ("c",))}
    assert "variants: 0 created, 0 changed, 2 unchanged" in again.sums


@pytest.mark.django_db
def test_a_variant_keeps_its_made_up_sku_when_a_rival_comes_later(tmp_path):
    run_import(product_file(tmp_path, ring_title("A+")))

    run = run_import(product_file(tmp_path, ring_title("A+"), ring("A-")))

    assert run.code == 0
    assert dict(Variant.objects.values_list("sku", "option_values__0")) == {
        "ring-a": "A+",
        distinct_sku("ring", ("A-",)): "A-",
    }


@pytest.mark.django_db
def test_options_renamed_in_the_shop_are_found_again_by_the_sku(tmp_path):
    path = product_file(tmp_path, ring_title("Small"))
    run_import(path)
    Variant.objects.update(option_values=["S"])

    run = run_import(path)

    assert "variants: 0 created, 1 changed, 0 unchanged" in run.sums
    assert Variant.objects.get().option_values == ["Small"]
    assert Product.objects.count() == 1
