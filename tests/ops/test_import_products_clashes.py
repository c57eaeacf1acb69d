"""import_products: two that want the same, more than a product can have, a lost database."""

import pytest
from django.db import OperationalError

from mdv.ops.product_import import applying
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.services import create_product, create_variant
from tests.ops.product_files import mug, picture, product_file, ring, ring_title, run_import

pytestmark = pytest.mark.django_db


def skus():
    return set(Variant.objects.values_list("sku", flat=True))


def test_an_sku_of_another_product_in_the_shop_is_refused(tmp_path):
    cup = create_product(title="Cup", slug="cup")
    create_variant(product_id=cup.pk, price="5.00", sku="CUP-1")
    path = product_file(tmp_path, ring_title("50", sku="CUP-1", image=picture("ring")), ring("52"))

    run = run_import(path)

    assert run.refused == [(2, "SKU “CUP-1” already belongs to the product “cup”.")]
    assert skus() == {"CUP-1", "ring-52"}
    assert not ProductImage.objects.exists()


def test_an_sku_given_twice_is_the_first_products_also_across_files_and_in_a_dry_run(tmp_path):
    first = product_file(tmp_path, mug(sku="M-1"), name="first.csv")
    second = product_file(tmp_path, mug(handle="cup", sku="M-1"), name="second.csv")

    dry = run_import(first, second, dry_run=True)
    run = run_import(first, second)

    assert run.refused == [(2, f"SKU “M-1” is already that of line 2 of {first}.")]
    assert dry.refused == run.refused
    assert run.sums[:2] == [
        "first.csv: 1 rows = 1 variants + 0 images only + 0 refused + 0 empty",
        "second.csv: 1 rows = 0 variants + 0 images only + 1 refused + 0 empty",
    ]
    assert Product.objects.get().slug == "mug"


def test_skus_that_two_variants_would_swap_are_refused(tmp_path):
    run_import(product_file(tmp_path, ring_title("50", sku="A"), ring("52", sku="B")))

    run = run_import(product_file(tmp_path, ring_title("50", sku="B"), ring("52", sku="A")))

    assert run.refused == [
        (2, "SKU “B” already belongs to the product “ring”."),
        (3, "SKU “A” already belongs to the product “ring”."),
    ]
    assert list(Variant.objects.order_by("sku").values_list("sku", "option_values__0")) == [
        ("A", "50"),
        ("B", "52"),
    ]


def test_a_product_in_two_files_of_one_run_is_imported_from_the_first(tmp_path):
    first = product_file(tmp_path, mug(), name="first.csv")
    second = product_file(tmp_path, mug(title="Better Mug"), name="second.csv")

    run = run_import(first, second)

    assert run.refused == [(2, f"“mug” is in {first}, too. Import one after the other.")]
    assert Product.objects.get().title == "Mug"


def test_more_variants_than_a_product_can_have_are_refused(tmp_path):
    path = product_file(tmp_path, ring_title("0"), *[ring(str(size)) for size in range(1, 252)])

    run = run_import(path)

    reason = "A product has at most 250 variants."
    assert run.refused == [(252, reason), (253, reason)]
    assert Variant.objects.count() == 250


def test_more_images_than_a_product_can_have_are_refused(tmp_path):
    extra = [{"handle": "mug", "image": picture(str(number))} for number in range(51)]

    run = run_import(product_file(tmp_path, mug(variant_image=picture("0")), *extra))

    assert run.refused == [(53, "A product has at most 50 images.")]
    assert ProductImage.objects.count() == 50


def test_images_that_the_shop_has_count_too_and_only_what_is_too_much_is_refused(tmp_path):
    many = [{"handle": "mug", "image": picture(str(number))} for number in range(50)]
    run_import(product_file(tmp_path, mug(), *many))

    run = run_import(
        product_file(tmp_path, mug(price="12"), {"handle": "mug", "image": picture("50")})
    )

    assert run.refused == [(3, "A product has at most 50 images.")]
    assert ProductImage.objects.count() == 50
    assert Variant.objects.get().price == 12


def test_a_row_of_whose_two_images_one_is_too_much_brings_neither(tmp_path):
    many = [{"handle": "ring", "image": picture(str(number))} for number in range(49)]
    two = ring("52", image=picture("front"), variant_image=picture("back"))

    run = run_import(product_file(tmp_path, ring_title("50"), *many, two))

    assert run.refused == [(52, "A product has at most 50 images.")]
    assert skus() == {"ring-50"}
    assert ProductImage.objects.count() == 49


def test_a_lost_database_ends_the_run(tmp_path, monkeypatch):
    def lose_the_connection(**fields):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(applying, "create_product", lose_the_connection)

    with pytest.raises(OperationalError):
        run_import(product_file(tmp_path, mug()))
