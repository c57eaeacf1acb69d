"""import_products: a whole file comes in, once, and every row is accounted for."""

from decimal import Decimal

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.ops.product_import import applying
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.services import create_variant
from shop.stock.models import StockItem, StockMovement
from tests.ops.product_files import OUR_FILE, mug, picture, product_file, run_import

pytestmark = pytest.mark.django_db

SUMS = [
    "products.csv: 10 rows = 7 variants + 3 images only + 0 refused + 0 empty",
    "products: 4 created, 0 changed, 0 unchanged",
    "variants: 7 created, 0 changed, 0 unchanged",
    "images: 7 created, 0 changed, 0 unchanged",
    "categories: 3 created",
    "stock: 22 units received, 0 levels adjusted",
]
TABLES = [Category, Product, Variant, ProductImage, StockItem, StockMovement]
TABLES += [AuditEntry, ProcrastinateJob]


def everything():
    """All rows of all tables that an import may touch, in full."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def counts():
    found = {model.__name__: model.objects.count() for model in TABLES}
    # Migrations have written some entries, too.
    return {**found, "AuditEntry": AuditEntry.objects.filter(source="import").count()}


def test_a_file_is_imported_and_every_row_accounted_for():
    run = run_import(OUR_FILE)

    assert (run.code, run.refused, run.notes) == (0, [], [])
    assert run.sums == SUMS
    assert counts() == {
        "Category": 3,
        "Product": 4,
        "Variant": 7,
        "ProductImage": 7,
        "StockItem": 5,
        "StockMovement": 5,
        # One for each row made, and one for each of the three products that became active.
        "AuditEntry": 3 + 4 + 7 + 7 + 5 + 3,
        "ProcrastinateJob": 7,
    }


def test_products_are_as_the_file_says():
    run_import(OUR_FILE)

    shirt = Product.objects.get(slug="linen-shirt")
    assert shirt.title == "Linen Shirt"
    assert shirt.description == (
        "<p>Cut from heavy linen, “washed”&nbsp;twice.</p>\n<ul>\n<li>Shell buttons, 8</li>\n</ul>"
    )
    assert shirt.vendor == "North & Daughters"
    assert shirt.category.name == "Shirts"
    assert shirt.category.slug == "shirts"
    assert shirt.tags == ["Linen", "Summer", "men"]
    assert shirt.option_names == ["Size", "Colour"]
    assert shirt.status == "active"
    blanket = Product.objects.get(slug="wool-blanket")
    assert blanket.category is None
    assert blanket.tags == []
    assert blanket.option_names == []
    assert blanket.status == "draft"


def test_variants_are_as_the_file_says_and_the_nameless_get_their_handle_and_options_as_sku():
    run_import(OUR_FILE)

    rows = Variant.objects.order_by("product__slug", "position")
    assert list(
        rows.values_list(
            "sku", "option_values", "price", "compare_at_price", "weight_grams", "position"
        )
    ) == [
        ("MUG-01", [], Decimal("9.99"), None, 28, 1),
        (
            "linen-shirt-small-sea-blue",
            ["Small", "Sea Blue"],
            Decimal("60.00"),
            Decimal("75.50"),
            280,
            1,
        ),
        (
            "linen-shirt-medium-sea-blue",
            ["Medium", "Sea Blue"],
            Decimal("60.00"),
            Decimal("75.50"),
            300,
            2,
        ),
        ("linen-shirt-medium-ecru", ["Medium", "Écru"], Decimal("62.99"), None, 300, 3),
        ("silver-ring-52", ["52"], Decimal("27.99"), Decimal("35.99"), 0, 1),
        ("silver-ring-54", ["54"], Decimal("27.99"), Decimal("35.99"), 0, 2),
        ("wool-blanket", [], Decimal("120.00"), None, 0, 1),
    ]
    assert Variant.objects.get(sku="MUG-01").barcode == "4006381333931"


def test_images_keep_their_address_until_a_job_has_fetched_them():
    run_import(OUR_FILE)

    images = ProductImage.objects.order_by("product__slug", "position", "id")
    assert list(images.values_list("source_url", "position", "alt", "is_primary", "file")) == [
        (picture("mug"), 0, "", True, ""),
        (picture("shirt-front"), 1, "The shirt, from the front", True, ""),
        (picture("shirt-blue"), 2, "", False, ""),
        (picture("shirt-back@2x"), 3, "", False, ""),
        (picture("ring"), 1, "", True, ""),
        (picture("ring-worn"), 2, "", False, ""),
        (picture("ring-box"), 3, "In its box", False, ""),
    ]
    blue = Variant.objects.filter(image__source_url=picture("shirt-blue"))
    assert set(blue.values_list("sku", flat=True)) == {
        "linen-shirt-small-sea-blue",
        "linen-shirt-medium-sea-blue",
    }
    jobs = ProcrastinateJob.objects.filter(task_name="catalog.fetch_image")
    asked_for = {job.args["arguments"]["image_id"] for job in jobs}
    assert asked_for == set(images.values_list("id", flat=True))


def test_stock_is_received_with_the_name_of_the_file_as_its_reason():
    run_import(OUR_FILE)

    movements = StockMovement.objects.order_by("item__variant__sku")
    assert list(movements.values_list("item__variant__sku", "kind", "d_on_hand", "reason")) == [
        ("MUG-01", "receipt", 12, "Import of products.csv"),
        ("linen-shirt-medium-ecru", "receipt", 3, "Import of products.csv"),
        ("linen-shirt-small-sea-blue", "receipt", 4, "Import of products.csv"),
        ("silver-ring-52", "receipt", 1, "Import of products.csv"),
        ("wool-blanket", "receipt", 2, "Import of products.csv"),
    ]
    assert Variant.objects.filter(in_stock=True).count() == 5


def test_the_trail_says_that_it_was_an_import_and_of_what():
    before = list(AuditEntry.objects.values_list("pk", flat=True))

    run_import(OUR_FILE)

    entries = AuditEntry.objects.exclude(pk__in=before)
    told = entries.values_list("source", "command", "actor_email").distinct()
    assert list(told) == [("import", "import_products products.csv", "system")]


def test_a_second_run_changes_nothing_at_all():
    run_import(OUR_FILE)
    before = everything()

    run = run_import(OUR_FILE)

    assert run.code == 0
    assert run.sums == [
        "products.csv: 10 rows = 7 variants + 3 images only + 0 refused + 0 empty",
        "products: 0 created, 0 changed, 4 unchanged",
        "variants: 0 created, 0 changed, 7 unchanged",
        "images: 0 created, 0 changed, 7 unchanged",
        "categories: 0 created",
        "stock: 0 units received, 0 levels adjusted",
    ]
    assert everything() == before


def test_a_dry_run_writes_nothing_and_says_the_same():
    dry = run_import(OUR_FILE, dry_run=True)

    assert set(counts().values()) == {0}
    assert dry.sums == ["Dry run: nothing was changed. This is what would be done.", *SUMS]
    assert run_import(OUR_FILE).sums == SUMS


def test_a_dry_run_of_a_known_file_counts_it_as_unchanged():
    run_import(OUR_FILE)
    before = everything()

    dry = run_import(OUR_FILE, dry_run=True)

    assert "products: 0 created, 0 changed, 4 unchanged" in dry.sums
    assert everything() == before


def test_a_category_that_several_products_need_counts_once_also_in_a_dry_run(tmp_path):
    rows = [mug(handle=f"mug-{number}", type="Kitchen") for number in range(3)]
    path = product_file(tmp_path, *rows)

    dry = run_import(path, dry_run=True)

    assert "categories: 1 created" in dry.sums
    assert "categories: 1 created" in run_import(path).sums


def test_a_run_that_is_killed_half_way_leaves_whole_products_and_the_next_completes_it(monkeypatch):
    made = []

    def die_at_the_sixth(**fields):
        made.append(fields)
        if len(made) == 6:
            raise KeyboardInterrupt
        return create_variant(**fields)

    monkeypatch.setattr(applying, "create_variant", die_at_the_sixth)
    with pytest.raises(KeyboardInterrupt):
        run_import(OUR_FILE)
    monkeypatch.undo()
    # The sixth is the second ring: the first one is taken back with it.
    assert set(Product.objects.values_list("slug", flat=True)) == {"linen-shirt", "enamel-mug"}
    assert Variant.objects.count() == 4
    assert not Category.objects.filter(name="Jewellery").exists()
    assert StockMovement.objects.count() == 3
    assert ProcrastinateJob.objects.count() == 4

    run = run_import(OUR_FILE)

    assert run.code == 0
    assert "products: 2 created, 0 changed, 2 unchanged" in run.sums
    assert "variants: 3 created, 0 changed, 4 unchanged" in run.sums
    assert "stock: 3 units received, 0 levels adjusted" in run.sums
    assert (Product.objects.count(), Variant.objects.count()) == (4, 7)
    assert (ProductImage.objects.count(), StockMovement.objects.count()) == (7, 5)


@pytest.mark.django_db(transaction=True)
def test_with_real_commits_too_the_second_run_changes_nothing():
    first = run_import(OUR_FILE)
    before = everything()

    second = run_import(OUR_FILE)

    assert (first.code, second.code) == (0, 0)
    assert first.sums == SUMS
    assert everything() == before
    entries = AuditEntry.objects.filter(source="import")
    transactions = entries.values("transaction_id").distinct().count()
    assert transactions == 4  # one for each product


@pytest.mark.django_db(transaction=True)
def test_with_real_commits_too_a_dry_run_writes_nothing():
    run_import(OUR_FILE, dry_run=True)

    assert set(counts().values()) == {0}


def test_the_number_of_queries_for_known_products_does_not_grow_with_them(
    tmp_path, django_assert_num_queries
):
    few = product_file(tmp_path, *[mug(handle=f"mug-{n}") for n in range(2)], name="few.csv")
    many = product_file(tmp_path, *[mug(handle=f"mug-{n}") for n in range(30)], name="many.csv")
    run_import(many)

    spent = {}
    for path in (few, many):
        with connection.execute_wrapper(counting := Counting()):
            run_import(path)
        spent[path.name] = counting.queries

    assert spent["many.csv"] == spent["few.csv"]


class Counting:
    """Counts queries, without the savepoints of a test inside a transaction."""

    def __init__(self):
        self.queries = 0

    def __call__(self, execute, sql, params, many, db):
        self.queries += not sql.startswith(("SAVEPOINT", "RELEASE"))
        return execute(sql, params, many, db)


def test_without_fetching_the_images_wait_until_someone_asks_for_them():
    run_import(OUR_FILE, fetch_images=False)
    assert ProductImage.objects.count() == 7
    assert ProcrastinateJob.objects.count() == 0

    run_import(OUR_FILE)
    assert ProcrastinateJob.objects.count() == 0

    run_import(OUR_FILE, fetch_images=True)
    assert ProcrastinateJob.objects.count() == 7
