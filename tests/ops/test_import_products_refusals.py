"""import_products: what it refuses, row by row, and that the rest comes in."""

from decimal import Decimal

import pytest
from django.db import connection

from audit.models import AuditEntry
from mdv.ops.product_import import applying, cells, facts, interpreting
from mdv.ops.product_import.claims import Claims
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.services import create_product, create_variant
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


def skus():
    return set(Variant.objects.values_list("sku", flat=True))


AMOUNT = "is not an amount such as 1000.00."
BAD_CELLS = [
    ({"price": ""}, "Variant Price is blank."),
    ({"price": "abc"}, f"Variant Price “abc” {AMOUNT}"),
    ({"price": "1,000.00"}, f"Variant Price “1,000.00” {AMOUNT}"),
    ({"price": "-5"}, f"Variant Price “-5” {AMOUNT}"),
    ({"price": "₦5"}, f"Variant Price “₦5” {AMOUNT}"),
    ({"price": "1e3"}, f"Variant Price “1e3” {AMOUNT}"),
    ({"price": "NaN"}, f"Variant Price “NaN” {AMOUNT}"),
    ({"price": "10.005"}, "Variant Price “10.005” has more than two decimal places."),
    ({"price": "100000000"}, "Variant Price “100000000” is more than 99999999.99."),
    ({"compare": "n/a"}, f"Variant Compare At Price “n/a” {AMOUNT}"),
    ({"grams": "-1"}, "Variant Grams “-1” is not a weight."),
    ({"grams": "1 kg"}, "Variant Grams “1 kg” is not a weight."),
    ({"quantity": "many"}, "Variant Inventory Qty “many” is not a whole number."),
    ({"quantity": "1.5"}, "Variant Inventory Qty “1.5” is not a whole number."),
    ({"quantity": "1000001"}, "Variant Inventory Qty “1000001” is more than 1000000."),
    ({"sku": "A 1"}, "Variant SKU “A 1” may have up to 64 of A-Z a-z 0-9 . _ - only."),
    ({"sku": "low"}, "Variant SKU “low” is used by the shop itself."),
    ({"barcode": "9" * 65}, f"Variant Barcode “{'9' * 40}…” is longer than 64 characters."),
    ({"image": "shirt.jpg"}, "Image Src “shirt.jpg” is not an http or https address."),
    ({"image": "ftp://a.com/b"}, "Image Src “ftp://a.com/b” is not an http or https address."),
    ({"variant_image": "x"}, "Variant Image “x” is not an http or https address."),
    (
        {"image": picture("a"), "position": "0"},
        "Image Position “0” is not a whole number from 1.",
    ),
    (
        {"image": picture("a"), "alt": "a" * 256},
        f"Image Alt Text “{'a' * 40}…” is longer than 255 characters.",
    ),
    ({"title": "Another"}, "Title “Another” is another than on line 2."),
    ({"name1": "Colour"}, "Option1 Name “Colour” is another than on line 2."),
    ({"value1": ""}, "Option1 Value is blank; it is the Size."),
    ({"value2": "Blue"}, "Option2 Value “Blue” has no Option2 Name."),
    ({"value1": "5\x1b"}, "Option1 Value has control characters."),
    ({"value1": "50"}, "The row has the same options as line 2."),
    ({"sku": "RING"}, "SKU “RING” is already that of line 2."),
    ({"value1": "", "price": ""}, "The row has neither a variant nor an image."),
]


@pytest.mark.parametrize(("cells", "reason"), BAD_CELLS, ids=[reason for _, reason in BAD_CELLS])
def test_a_bad_row_is_refused_with_its_line_and_reason_and_the_others_come_in(
    tmp_path, cells, reason
):
    path = product_file(
        tmp_path, ring_title("50", sku="RING"), ring("52", **cells), ring("54"), mug()
    )

    run = run_import(path)

    assert run.refused == [(3, reason)]
    assert (run.code, run.problem) == (1, "Rows refused: 1.")
    assert run.sums[0] == (
        "products.csv: 4 rows = 3 variants + 0 images only + 1 refused + 0 empty"
    )
    assert skus() == {"RING", "ring-54", "mug"}
    assert not ProductImage.objects.exists()


BAD_PRODUCTS = [
    ({"gift": "true"}, "Gift Card “true” is not sold by this shop."),
    ({"gift": "maybe"}, "Gift Card “maybe” is neither true nor false."),
    ({"published": "soon"}, "Published “soon” is neither true nor false."),
    ({"title": "R" * 256}, f"Title “{'R' * 40}…” is longer than 255 characters."),
    ({"title": "R\x07"}, "Title has control characters."),
    ({"body": "<p>\x07</p>"}, "Body (HTML) has control characters."),
    ({"body": "b" * 50_001}, f"Body (HTML) “{'b' * 40}…” is longer than 50000 characters."),
    ({"vendor": "v" * 121}, f"Vendor “{'v' * 40}…” is longer than 120 characters."),
    ({"type": "t" * 121}, f"Type “{'t' * 40}…” is longer than 120 characters."),
    ({"tags": "a," + "t" * 61}, f"Tags “{'t' * 40}…” is longer than 60 characters."),
    (
        {"tags": ",".join(f"t{number}" for number in range(51))},
        "Tags “t0,t1,t2,t3,t4,t5,t6,t7,t8,t9,t10,t11,t1…” has more than 50 tags.",
    ),
    ({"name1": "S" * 61}, f"Option1 Name “{'S' * 40}…” is longer than 60 characters."),
    ({"name1": "", "name2": "Size"}, "Option1 Name is blank, but a later option has a name."),
    (
        {"name2": "SIZE", "value2": "50"},
        "Option1 Name “Size” is the name of another option, too.",
    ),
]


@pytest.mark.parametrize(
    ("cells", "reason"), BAD_PRODUCTS, ids=[reason for _, reason in BAD_PRODUCTS]
)
def test_a_product_that_makes_no_sense_is_refused_with_all_of_its_rows(tmp_path, cells, reason):
    path = product_file(
        tmp_path,
        ring_title("50", **cells),
        ring("52", quantity="3"),
        {"handle": "ring", "image": picture("ring")},
        mug(),
    )

    run = run_import(path)

    said = f"The product's row (line 2): {reason}"
    assert run.refused == [(2, said), (3, said), (4, said)]
    assert run.code == 1
    assert run.sums[0] == (
        "products.csv: 4 rows = 1 variants + 0 images only + 3 refused + 0 empty"
    )
    assert set(Product.objects.values_list("slug", flat=True)) == {"mug"}
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize(
    ("handle", "reason"),
    [
        ("a mug", "Handle “a mug” may have up to 140 of a-z 0-9 - _ only."),
        ("tëe", "Handle “tëe” may have up to 140 of a-z 0-9 - _ only."),
        ("", "Handle “” may have up to 140 of a-z 0-9 - _ only."),
        ("m" * 141, f"Handle “{'m' * 40}” may have up to 140 of a-z 0-9 - _ only."),
        ("filters", "Handle “filters” is used by the shop itself."),
    ],
)
def test_a_handle_that_cannot_be_an_address_is_refused(tmp_path, handle, reason):
    run = run_import(product_file(tmp_path, mug(handle=handle), mug()))

    assert run.refused == [(2, reason)]
    assert Product.objects.get().slug == "mug"


def test_rows_without_a_title_anywhere_are_refused_if_the_shop_has_no_such_product(tmp_path):
    path = product_file(tmp_path, ring("50"), {"handle": "ring", "image": picture("ring")})

    run = run_import(path)

    reason = "No row of “ring” has a Title, and the shop has no such product."
    assert run.refused == [(2, reason), (3, reason)]
    assert not Product.objects.exists()


def test_a_bad_variant_in_the_title_row_still_tells_about_the_product(tmp_path):
    path = product_file(
        tmp_path,
        ring_title("50", price="x", vendor="Alba", image=picture("ring")),
        ring("52"),
    )

    run = run_import(path)

    assert run.refused == [(2, f"Variant Price “x” {AMOUNT}")]
    assert Product.objects.get().vendor == "Alba"
    assert skus() == {"ring-52"}
    assert not ProductImage.objects.exists()


def test_a_refused_row_has_no_notes(tmp_path):
    path = product_file(tmp_path, ring_title("50", compare="1", variant_image="x"), ring("52"))

    run = run_import(path)

    assert [line for line, _ in run.refused] == [2]
    assert run.notes == []


def test_a_product_with_no_good_variant_is_refused_and_its_images_with_it(tmp_path):
    path = product_file(
        tmp_path, mug(price="x", type="Kitchen"), {"handle": "mug", "image": picture("mug")}
    )

    run = run_import(path)

    assert run.refused == [
        (2, f"Variant Price “x” {AMOUNT}"),
        (3, "None of the product's variants can be imported."),
    ]
    assert not AuditEntry.objects.filter(source="import").exists()


def test_what_the_services_refuse_is_reported_and_nothing_of_that_product_stays(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(interpreting, "MAX_OPTION_VALUE", 200)  # as if it had grown out of step
    path = product_file(
        tmp_path, ring_title("50", quantity="2", type="Jewels"), ring("5" * 121), mug()
    )

    run = run_import(path)

    reason = run.refused[1][1]
    assert "Ensure this value has at most 120 characters" in reason
    assert run.refused == [
        (2, f"The product is refused because of line 3: {reason}"),
        (3, reason),
    ]
    assert skus() == {"mug"}
    assert not StockMovement.objects.exists()
    assert not Category.objects.exists()


def test_what_the_database_refuses_is_reported_by_the_name_of_its_rule(tmp_path, monkeypatch):
    # Someone takes the SKU between our look and our write.
    monkeypatch.setattr(Claims, "look_up", lambda *_: None)
    cup = create_product(title="Cup", slug="cup")
    create_variant(product_id=cup.pk, price="5.00", sku="CUP-1")
    path = product_file(tmp_path, ring_title("50", sku="CUP-1"), mug())

    run = run_import(path)

    assert run.refused == [(2, "The database refuses it (sku_is_unique).")]
    assert skus() == {"CUP-1", "mug"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_the_database_refuses_at_commit_is_reported_also_by_a_dry_run(
    tmp_path, monkeypatch, dry_run
):
    def forget_the_movement(*, quantities, reason):
        for variant_id, quantity in quantities.items():
            StockItem.objects.create(variant_id=variant_id, on_hand=quantity)

    monkeypatch.setattr(applying, "receive_delivery", forget_the_movement)

    run = run_import(product_file(tmp_path, mug(quantity="5")), dry_run=dry_run)

    assert run.refused == [(2, "The database refuses it (stock_equals_its_last_movement).")]
    assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_product_that_the_shop_is_using_is_left_for_later(tmp_path):
    path = product_file(tmp_path, mug(price="12"), mug(handle="cup", title="Cup"))
    run_import(product_file(tmp_path, mug(), name="before.csv"))
    staff = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        staff.set_autocommit(False)
        with staff.cursor() as cursor:
            cursor.execute("SELECT 1 FROM catalog_product FOR UPDATE")
            run = run_import(path)
    finally:
        staff.rollback()
        staff.close()
        connection.close()

    assert run.refused == [(2, "The shop was using it. Import it again later.")]
    assert Variant.objects.get(sku="mug").price == Decimal("9.99")
    assert skus() == {"mug", "cup"}
    assert run_import(path).code == 0
    assert Variant.objects.get(sku="mug").price == Decimal("12.00")


def test_the_limits_of_cells_are_those_of_the_models():
    def longest(model, field):
        return model._meta.get_field(field).max_length

    assert longest(Product, "title") == facts.MAX_TITLE
    assert longest(Product, "vendor") == facts.MAX_VENDOR
    assert longest(Category, "name") == facts.MAX_CATEGORY
    assert Product._meta.get_field("tags").base_field.max_length == facts.MAX_TAG
    assert Product._meta.get_field("option_names").base_field.max_length == facts.MAX_OPTION_NAME
    values = Variant._meta.get_field("option_values").base_field
    assert values.max_length == interpreting.MAX_OPTION_VALUE
    assert longest(Variant, "barcode") == cells.MAX_BARCODE
    assert longest(ProductImage, "source_url") == cells.MAX_URL
    assert longest(ProductImage, "alt") == cells.MAX_ALT
    assert longest(StockMovement, "reason") == applying.MAX_REASON
