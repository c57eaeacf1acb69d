"""Answering with a CSV file that a spreadsheet opens without running anything that is in it."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

CONTENT_TYPE = "text/csv; charset=utf-8"
# Cells that begin so are formulas to a spreadsheet.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
# So that Excel takes the file for UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def csv_answer(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, name: str
) -> StreamingHttpResponse:
    """Return rows as a CSV to be saved under `name`, written while they are read."""
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Cache-Control": "private, no-store",
        },
    )


def harmless(cell: object) -> str:
    """Return a cell as text, with a quote in front of what would be a formula."""
    text = "" if cell is None else str(cell)
    is_formula = isinstance(cell, str) and text.startswith(FORMULAS)
    return f"'{text}" if is_formula else text


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])
