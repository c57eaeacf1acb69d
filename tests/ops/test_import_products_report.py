"""import_products: refused rows come back as a file that can be corrected and imported."""

import csv

import pytest

from mdv.ops.product_import import reporting
from shop.catalog.models import Product, Variant
from shop.stock.models import StockMovement
from tests.ops.product_files import OUR_FILE, mug, product_file, ring, ring_title, run_import

pytestmark = pytest.mark.django_db


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_report_has_every_refused_row_as_it_was_with_the_reason(tmp_path):
    report = tmp_path / "refused.csv"
    path = product_file(
        tmp_path, ring_title("50"), ring("52", price="1,5", body="=1+1\nnext"), mug(quantity="-")
    )

    run = run_import(path, report=report)

    assert run.code == 1
    ring_row, mug_row = rows_of(report)
    assert ring_row["Handle"] == "ring"
    assert ring_row["Option1 Value"] == "52"
    assert ring_row["Variant Price"] == "1,5"
    assert ring_row["Body (HTML)"] == "=1+1\nnext"
    assert ring_row["Reason"] == "Variant Price “1,5” is not an amount such as 1000.00."
    assert (ring_row["File"], ring_row["Line"]) == (str(path), "3")
    assert mug_row["Title"] == "Mug"
    assert mug_row["Reason"] == "Variant Inventory Qty “-” is not a whole number."


def test_the_corrected_report_can_be_imported_and_completes_the_product(tmp_path):
    report = tmp_path / "refused.csv"
    path = product_file(tmp_path, ring_title("50"), ring("52", price="oops", quantity="2"))
    run_import(path, report=report)
    report.write_text(report.read_text().replace("oops", "25"))

    run = run_import(report, report=tmp_path / "refused-again.csv")

    assert (run.code, run.refused) == (0, [])
    assert set(Variant.objects.values_list("sku", flat=True)) == {"ring-50", "ring-52"}
    assert StockMovement.objects.get().d_on_hand == 2
    assert list(rows_of(tmp_path / "refused-again.csv")) == []
    # The columns of the report are not doubled by a report about a report.
    header = (tmp_path / "refused-again.csv").read_text().split("\n")[0].strip().split(",")
    assert header.count("Reason") == 1


def test_the_report_of_files_with_different_columns_has_all_of_them(tmp_path):
    report = tmp_path / "refused.csv"
    first = product_file(tmp_path, mug(price=""), name="first.csv")
    second = product_file(tmp_path, mug(handle="cup", status="on"), name="second.csv", without=())

    run_import(first, second, report=report)

    assert [row["Status"] for row in rows_of(report)] == ["", "on"]


def test_a_dry_run_writes_the_report_too(tmp_path):
    report = tmp_path / "refused.csv"

    run_import(product_file(tmp_path, mug(price="")), report=report, dry_run=True)

    assert [row["Handle"] for row in rows_of(report)] == ["mug"]


def test_without_refused_rows_the_report_is_empty_so_that_an_old_one_misleads_nobody(tmp_path):
    report = tmp_path / "refused.csv"
    report.write_text("something old")

    run_import(OUR_FILE, report=report)

    assert rows_of(report) == []
    assert report.read_text().startswith("Handle,Title,")


def test_a_report_never_overwrites_a_file_to_import(tmp_path):
    path = product_file(tmp_path, mug())
    before = path.read_bytes()

    run = run_import(path, report=path)

    assert (run.code, run.problem) == (1, "The report would overwrite a file to import.")
    assert path.read_bytes() == before
    assert not Product.objects.exists()


def test_a_report_that_cannot_be_written_stops_the_run_before_it_begins(tmp_path):
    report = tmp_path / "no-such-folder" / "refused.csv"

    run = run_import(product_file(tmp_path, mug()), report=report)

    assert (run.code, run.problem) == (1, f"{report} cannot be written: No such file or directory.")
    assert not Product.objects.exists()


def test_long_imports_say_now_and_then_how_far_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(reporting, "PRODUCTS_PER_LINE", 2)
    path = product_file(tmp_path, *[mug(handle=f"mug-{number}") for number in range(5)])

    run = run_import(path)

    assert run.progress == "2 of 5 products\n4 of 5 products\n"


def test_on_a_terminal_one_living_line_shows_the_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(reporting.OutputWrapper, "isatty", lambda _: True)
    monkeypatch.setattr(reporting, "REDRAW_S", 0)
    path = product_file(tmp_path, *[mug(handle=f"mug-{number}") for number in range(3)])

    run = run_import(path)

    assert run.progress == "\r1 of 3 products\r2 of 3 products\r3 of 3 products\n"


def test_the_screen_shows_no_control_characters_of_the_file(tmp_path):
    path = product_file(tmp_path, mug(handle="a\x1b[2J\nb"))

    run = run_import(path)

    assert run.said[0] == (
        f"{path} line 2, a�[2J�b: refused. Handle “a�[2j�b” may have up to 140 of a-z 0-9 - _ only."
    )
