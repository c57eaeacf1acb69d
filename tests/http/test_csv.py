"""CSV files: nothing in them runs when a spreadsheet opens them."""

import csv
from io import StringIO

import pytest

from mdv.http.csv import csv_answer


def written(*rows):
    answer = csv_answer(("a", "b"), rows, name="goods.csv")
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(begins):
    lines = csv.reader(StringIO(written((f"{begins}1+1", "x")).removeprefix("\ufeff"), newline=""))

    assert list(lines) == [["a", "b"], [f"'{begins}1+1", "x"]]


def test_numbers_and_other_text_are_left_alone():
    assert written((-5, None), ("a-b", 'say "x", y')) == (
        '\ufeffa,b\r\n-5,\r\na-b,"say ""x"", y"\r\n'
    )


def test_it_is_a_file_that_no_cache_keeps():
    answer = csv_answer(("a",), (), name="goods.csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="goods.csv"'
    assert answer["Cache-Control"] == "private, no-store"


def test_rows_are_written_while_they_are_read():
    read = []

    def rows():
        for number in range(3):
            read.append(number)
            yield (number,)

    lines = iter(csv_answer(("a",), rows(), name="goods.csv").streaming_content)
    next(lines)
    next(lines)

    assert read == [0]
