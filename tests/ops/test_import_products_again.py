"""import_products: what a later run changes, and what it leaves to the shop."""

import pytest

from audit.models import AuditEntry
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.services import (
    create_category,
    set_primary_image,
    set_product_status,
    update_product,
)
from shop.catalog.states import ProductStatus
from shop.stock.models import StockItem
from tests.ops.product_files import (
    mug,
    picture,
    product_file,
    ring,
    ring_title,
    run_import,
)

pytestmark = pytest.mark.django_db


def entries_since(last):
    return AuditEntry.objects.filter(pk__gt=last).order_by("pk")


def last_entry():
    return AuditEntry.objects.latest().pk


def test_what_differs_is_changed_and_nothing_else(tmp_path):
    run_import(product_file(tmp_path, ring_title("50", tags="Silver"), ring("52"), mug()))
    before = last_entry()

    run = run_import(
        product_file(
            tmp_path, ring_title("50", tags="Gold"), ring("52", price="25", compare="30"), mug()
        )
    )

    assert run.code == 0
    assert run.sums[1:4] == [
        "products: 0 created, 1 changed, 1 unchanged",
        "variants: 0 created, 1 changed, 2 unchanged",
        "images: 0 created, 0 changed, 0 unchanged",
    ]
    changes = [(entry.object_repr, entry.changes) for entry in entries_since(before)]
    told = {name: {f: v for f, v in fields.items() if f != "version"} for name, fields in changes}
    assert told["ring-52"] == {"price": ["20.00", "25.00"], "compare_at_price": [None, "30.00"]}
    assert told["Ring"]["tags"][0] != told["Ring"]["tags"][1]
    assert Product.objects.get(slug="ring").tags == ["Gold"]
    assert Product.objects.get(slug="mug").version == 1


def test_blank_cells_empty_what_was_there_but_missing_columns_leave_it(tmp_path):
    full = mug(vendor="Alba", tags="a", body="<p>x</p>", compare="12", barcode="1", grams="5")
    run_import(product_file(tmp_path, full))
    narrow = ("vendor", "tags", "body", "compare", "barcode", "grams", "status")

    run_import(product_file(tmp_path, mug(), without=narrow))

    product, variant = Product.objects.get(), Variant.objects.get()
    assert (product.vendor, product.tags, product.description) == ("Alba", ["a"], "<p>x</p>")
    assert (variant.compare_at_price, variant.barcode, variant.weight_grams) == (12, "1", 5)

    run_import(product_file(tmp_path, mug()))

    product, variant = Product.objects.get(), Variant.objects.get()
    assert (product.vendor, product.tags, product.description) == ("", [], "")
    assert (variant.compare_at_price, variant.barcode, variant.weight_grams) == (None, "", 0)


def test_a_blank_type_leaves_the_category_that_staff_chose(tmp_path):
    path = product_file(tmp_path, mug())
    run_import(path)
    shelf = create_category(name="Kitchen")
    update_product(product_id=Product.objects.get().pk, category_id=shelf.pk)

    run = run_import(path)

    assert "products: 0 created, 0 changed, 1 unchanged" in run.sums
    assert Product.objects.get().category == shelf


def test_another_type_moves_the_product(tmp_path):
    run_import(product_file(tmp_path, mug(type="Kitchen")))

    run = run_import(product_file(tmp_path, mug(type="Table")))

    assert run.sums[1] == "products: 0 created, 1 changed, 0 unchanged"
    assert Product.objects.get().category.slug == "table"
    assert Category.objects.count() == 2


def test_another_published_shows_or_hides_the_product(tmp_path):
    run_import(product_file(tmp_path, mug(published="true")))

    run = run_import(product_file(tmp_path, mug(published="false")))

    assert "products: 0 created, 1 changed, 0 unchanged" in run.sums
    assert Product.objects.get().status == "draft"


def test_a_product_that_staff_archived_stays_so_unless_the_file_has_a_status(tmp_path):
    run_import(product_file(tmp_path, mug(published="true")))
    set_product_status(product_id=Product.objects.get().pk, status=ProductStatus.ARCHIVED)

    run_import(product_file(tmp_path, mug(published="true")))
    assert Product.objects.get().status == "archived"

    run_import(product_file(tmp_path, mug(published="true", status="active"), without=()))
    assert Product.objects.get().status == "active"


def test_what_the_file_no_longer_mentions_stays(tmp_path):
    first = product_file(
        tmp_path, ring_title("50", image=picture("a")), ring("52", image=picture("b")), mug()
    )
    run_import(first)

    run = run_import(product_file(tmp_path, ring_title("50")))

    assert run.code == 0
    assert Product.objects.count() == 2
    assert set(Variant.objects.values_list("sku", flat=True)) == {"ring-50", "ring-52", "mug"}
    assert ProductImage.objects.count() == 2


def test_images_are_found_by_their_address_and_get_new_texts_and_places(tmp_path):
    run_import(product_file(tmp_path, mug(image=picture("mug"), position="1", alt="Mug")))

    run = run_import(
        product_file(
            tmp_path,
            mug(image=picture("new"), position="1"),
            {"handle": "mug", "image": picture("mug"), "position": "2", "alt": "The mug"},
        )
    )

    assert "images: 1 created, 1 changed, 0 unchanged" in run.sums
    images = ProductImage.objects.order_by("position")
    assert list(images.values_list("source_url", "position", "alt", "is_primary")) == [
        (picture("new"), 1, "", False),
        (picture("mug"), 2, "The mug", True),
    ]


def test_the_primary_image_that_staff_chose_stays(tmp_path):
    path = product_file(
        tmp_path,
        mug(image=picture("a"), position="1"),
        {"handle": "mug", "image": picture("b"), "position": "2"},
    )
    run_import(path)
    chosen = ProductImage.objects.get(source_url=picture("b"))
    set_primary_image(image_id=chosen.pk)

    run = run_import(path)

    assert "images: 0 created, 0 changed, 2 unchanged" in run.sums
    assert ProductImage.objects.get(is_primary=True) == chosen


def test_a_variant_gets_another_image(tmp_path):
    images = [{"handle": "mug", "image": picture(name)} for name in ("a", "b")]
    run_import(product_file(tmp_path, mug(variant_image=picture("a")), *images))

    run = run_import(product_file(tmp_path, mug(variant_image=picture("b")), *images))

    assert "variants: 0 created, 1 changed, 0 unchanged" in run.sums
    assert "images: 0 created, 0 changed, 2 unchanged" in run.sums
    assert Variant.objects.get().image.source_url == picture("b")


def test_an_sku_given_later_replaces_the_made_up_one(tmp_path):
    run_import(product_file(tmp_path, ring_title("50")))
    variant = Variant.objects.get()

    run = run_import(product_file(tmp_path, ring_title("50", sku="R-50")))

    assert "variants: 0 created, 1 changed, 0 unchanged" in run.sums
    variant.refresh_from_db()
    assert variant.sku == "R-50"
    assert (
        "variants: 0 created, 0 changed, 1 unchanged"
        in run_import(product_file(tmp_path, ring_title("50"))).sums
    )


def test_options_renamed_in_the_file_are_found_by_the_sku(tmp_path):
    run_import(product_file(tmp_path, ring_title("50", sku="R-50")))
    variant = Variant.objects.get()

    run = run_import(product_file(tmp_path, ring_title("Fifty", sku="R-50", name1="Width")))

    assert "variants: 0 created, 1 changed, 0 unchanged" in run.sums
    variant.refresh_from_db()
    assert variant.option_values == ["Fifty"]
    assert Product.objects.get().option_names == ["Width"]


def test_another_number_of_options_is_refused_and_changes_nothing(tmp_path):
    run_import(product_file(tmp_path, ring_title("50")))
    before = last_entry()

    run = run_import(product_file(tmp_path, ring_title("50", name2="Metal", value2="Gold")))

    assert run.refused == [
        (2, "The variants have a value for each option. Options can be renamed, not added.")
    ]
    assert not entries_since(before).exists()
    assert Product.objects.get().option_names == ["Size"]


def test_rows_without_a_title_add_to_the_product_that_the_shop_has(tmp_path):
    run_import(product_file(tmp_path, ring_title("50", vendor="Alba")))

    run = run_import(
        product_file(
            tmp_path,
            ring("52", quantity="3"),
            {"handle": "ring", "image": picture("ring")},
        )
    )

    assert run.code == 0
    assert run.sums[0] == (
        "products.csv: 2 rows = 1 variants + 1 images only + 0 refused + 0 empty"
    )
    product = Product.objects.get()
    assert (product.vendor, product.version) == ("Alba", 1)
    assert list(Variant.objects.order_by("position").values_list("sku", "position")) == [
        ("ring-50", 1),
        ("ring-52", 2),
    ]
    assert StockItem.objects.get().on_hand == 3
