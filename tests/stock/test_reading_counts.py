"""Reading what was counted: what spreadsheets save is taken, what makes no sense is named."""

import pytest

from shop.stock.models import Count, StockTake
from shop.stock.services import MAX_FILE_BYTES, MAX_ROWS, UnreadableCount, preview_stock_take
from shop.stock.services.read_count import read_count
from tests.stock.counting import preview, rows_of

pytestmark = pytest.mark.django_db


def read(text):
    return [(row.sku, row.counted, row.reason) for row in read_count(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        "sku,counted,reason\nSHIRT,8,Moths",
        "\ufeffsku,counted,reason\r\nSHIRT,8,Moths\r\n",
        "SKU;Counted;Reason\nSHIRT;8;Moths\n",
        "sku\tcounted\treason\nSHIRT\t8\tMoths",
        ' Counted , title, reason ,SKU\n" 8 ","A shirt, blue",  Moths  ,SHIRT\n,,,\n\n',
        "sku,counted,reason\nSHIRT,008,'Moths".replace("'", ""),
    ],
    ids=["plain", "as Excel saves it", "semicolons", "tabs", "other columns", "zeros"],
)
def test_what_spreadsheets_save_is_read(text):
    assert read(text) == [("SHIRT", 8, "Moths")]


def test_a_reason_need_not_be_there():
    assert read("sku,counted\nSHIRT,8") == [("SHIRT", 8, "")]
    assert read("sku,counted,reason\nSHIRT,8") == [("SHIRT", 8, "")]


def test_a_cell_that_our_own_file_quoted_is_read_as_it_was():
    assert read("sku,counted,reason\n'-SHIRT,8,'=Moths") == [("-SHIRT", 8, "=Moths")]


def test_a_reason_is_one_line():
    assert read('sku,counted,reason\nSHIRT,8,"Moths\n  again"') == [("SHIRT", 8, "Moths again")]


@pytest.mark.parametrize(
    ("counted", "why"),
    [
        ("", "Nothing was counted."),
        ("-1", "Nobody counts fewer than 0."),
        ("1.5", "Not a whole number."),
        ("8.0", "Not a whole number."),
        ("+8", "Not a whole number."),
        ("1e3", "Not a whole number."),
        ("eight", "Not a whole number."),
        ("٨", "Not a whole number."),
        ('"1,000"', "Not a whole number."),
        ("1,000", "The row has 3 cells, the first line has 2."),
        ("9999999999", "Too large a number."),
        ("9" * 5_000, "Too large a number."),
        ("8\0", "The row has a NUL character."),
    ],
)
def test_a_count_that_is_none_is_refused_and_nothing_else_is(shirt, counted, why):
    assert rows_of(preview(f"SHIRT,{counted}"))[0][1:] == ("refused", why)
    assert preview("SHIRT,8").counts.get().outcome == "differs"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("SHI\0RT,8", "The row has a NUL character."),
        (f"{'S' * 65},8", "A SKU has at most 64 characters."),
        (f"SHIRT,8,{'x' * 256}", "A reason has at most 255 characters."),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused(shirt, row, why):
    stock_take = preview(row, header="sku,counted,reason")

    assert rows_of(stock_take)[0][1:] == ("refused", why)


def test_lines_are_counted_as_an_editor_counts_them():
    text = 'sku,counted,reason\n\nSHIRT,8,"two\nlines"\nHAT,1,\n'

    assert [row.line for row in read_count(text.encode())] == [3, 5]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "“sku” is missing"),
        (b"sku\nSHIRT", "“counted” is missing"),
        (b"sku,counted,SKU\nSHIRT,8,HAT", "the column “sku” twice"),
        (b"sku,counted\n\n,\n", "has no rows"),
        (b"sku,counted\nSHIRT,8\nCAF\xc9,1", "not UTF-8: see line 3"),
        ("sku,counted\nSHIRT,8".encode("utf-16"), "UTF-16"),
        (b'sku,counted\nSHIRT,"8', "Line 2 is not CSV"),
        (b"sku,counted\n" + b"S,1\n" * (MAX_ROWS + 1), "more than 10000 rows"),
        (b"x" * (MAX_FILE_BYTES + 1), "larger than 2 MB"),
        (b"sku,counted\nSHIRT," + b"8" * 200_000, "Line 2 is not CSV"),
    ],
    ids=[
        "empty", "a column missing", "a column twice", "no rows", "Latin-1", "UTF-16",
        "an open quote", "too many rows", "too large", "too large a cell",
    ],
)  # fmt: skip
def test_a_file_that_nobody_can_read_is_refused_as_a_whole(content, says):
    with pytest.raises(UnreadableCount) as refusal:
        preview_stock_take(name="count.csv", content=content, at=None)

    (problem,) = refusal.value.problems
    assert (problem.field, problem.code) == ("file", "unreadable_file")
    assert says in problem.message
    assert not StockTake.objects.exists()
    assert not Count.objects.exists()


def test_as_many_rows_as_are_allowed_are_read():
    assert len(read_count(b"sku,counted\n" + b"S,1\n" * MAX_ROWS)) == MAX_ROWS


def test_the_name_of_the_file_is_kept_as_far_as_it_can_be_printed(shirt):
    assert preview("SHIRT,8", name="a\0b\n" + "c" * 200).name == "ab" + "c" * 98
