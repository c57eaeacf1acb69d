"""import_products: which files it reads, and what it says of those that it does not."""

import pytest

from mdv.ops.product_import import reading
from mdv.ops.product_import.reading import UnreadableFile, read_file
from shop.catalog.models import Product
from tests.ops.product_files import COLUMNS, OUR_FILE, mug, product_file, run_import

HEADER = b"Handle,Title,Variant Price\n"


def written(folder, content, name="products.csv"):
    path = folder / name
    path.write_bytes(content)
    return path


def problem_of(path):
    with pytest.raises(UnreadableFile) as caught:
        read_file(path)
    return str(caught.value)


def test_rows_know_the_line_on_which_they_begin_also_after_cells_with_line_breaks():
    file = read_file(OUR_FILE)

    assert [row.line for row in file.rows] == [2, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert file.rows[0].says("Body (HTML)").count("\n") == 3
    assert file.rows_read == 10


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
def test_a_file_as_spreadsheets_save_it_reads_the_same(tmp_path, line_end):
    ours = OUR_FILE.read_bytes()
    path = written(tmp_path, b"\xef\xbb\xbf" + ours.replace(b"\n", line_end))

    rows = read_file(path).rows

    plain = read_file(OUR_FILE).rows
    assert [row.line for row in rows] == [row.line for row in plain]
    assert [row.says("Handle") for row in rows] == [row.says("Handle") for row in plain]
    assert rows[0].says("Title") == "Linen Shirt"


def test_columns_may_come_in_any_order_and_unknown_ones_do_not_matter(tmp_path):
    path = written(tmp_path, b"Cost,Variant Price, Title ,Handle\n1,9.99,Mug,mug\n")

    (row,) = read_file(path).rows

    assert (row.says("Handle"), row.says("Title"), row.says("Variant Price")) == (
        "mug",
        "Mug",
        "9.99",
    )
    assert row.says("Vendor") == ""
    assert not row.has("Vendor")


def test_empty_rows_are_counted_and_otherwise_left_alone(tmp_path):
    path = written(tmp_path, HEADER + b"mug,Mug,9.99\n,,\n\n , ,\n")

    file = read_file(path)

    assert (len(file.rows), file.empty, file.rows_read) == (1, 3, 4)


@pytest.mark.parametrize("row", [b"mug,Mug", b"mug,Mug,9.99,7", b"mug,M\0g,9.99"])
def test_a_row_of_another_width_or_with_nul_is_refused_and_the_others_are_read(tmp_path, row):
    path = written(tmp_path, HEADER + row + b"\ncup,Cup,5\n")

    file = read_file(path)

    assert [refusal.row.line for refusal in file.malformed] == [2]
    assert [row.line for row in file.rows] == [3]
    assert file.rows_read == 2


def test_the_reason_for_a_malformed_row_says_what_is_wrong(tmp_path):
    path = written(tmp_path, HEADER + b"mug,Mug\nmug,M\0g,9.99\n")

    reasons = [refusal.reason for refusal in read_file(path).malformed]

    assert reasons == ["The row has 2 cells, the header has 3.", "The row has a NUL character."]


def test_a_file_in_another_encoding_is_named_with_the_line(tmp_path):
    path = written(tmp_path, HEADER + "mug,Café,9.99\n".encode("latin-1"))

    assert problem_of(path) == (
        f"{path} is not UTF-8 (byte 0xe9 on line 2). Save it as “CSV UTF-8”."
    )


def test_a_utf_16_file_is_called_so(tmp_path):
    path = written(tmp_path, HEADER.decode().encode("utf-16"))

    assert problem_of(path) == f"{path} is UTF-16. Save it as “CSV UTF-8”."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", " has no column “Handle”."),
        (b"Handle,Title\nmug,Mug\n", " has no column “Variant Price”."),
        (
            b"Handle;Title;Variant Price\nmug;Mug;5\n",
            " has no column “Handle”. Its columns must be separated by commas.",
        ),
        (b"Handle,Title,Variant Price,Title\n", " has the column “Title” twice."),
        (HEADER + b'mug,Mug,9\ncup,"Cup,5\nx,X,1\n', ", line 3: unexpected end of data."),
    ],
)
def test_a_file_that_is_no_product_file_is_refused_as_a_whole(tmp_path, content, problem):
    path = written(tmp_path, content)

    assert problem_of(path) == f"{path}{problem}"


def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path, monkeypatch):
    assert problem_of(tmp_path / "none.csv") == f"{tmp_path}/none.csv: No such file or directory."

    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 10)
    path = written(tmp_path, HEADER)
    assert problem_of(path) == f"{path} is larger than 10 bytes."


@pytest.mark.django_db
def test_one_unreadable_file_keeps_all_from_being_imported(tmp_path):
    good = product_file(tmp_path, mug())
    bad = written(tmp_path, b"\xff\xfe", name="bad.csv")

    run = run_import(good, bad)

    assert run.code == 1
    assert run.problem == f"{bad} is UTF-16. Save it as “CSV UTF-8”. Nothing was imported."
    assert not Product.objects.exists()


@pytest.mark.django_db
def test_a_file_named_twice_is_a_mistake(tmp_path):
    path = product_file(tmp_path, mug())

    run = run_import(path, tmp_path / "." / path.name)

    assert (run.code, run.problem) == (1, f"{path} is named twice.")
    assert not Product.objects.exists()


def test_the_columns_of_the_tests_are_shopifys():
    header = OUR_FILE.read_text().splitlines()[0].split(",")

    assert set(COLUMNS.values()) - set(header) == {"Status"}
