"""Reading what was counted from a CSV file: columns sku, counted and, if wanted, reason."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from mdv.kernel.errors import FieldProblem, Invalid

SKU, COUNTED, REASON = "sku", "counted", "reason"
MAX_ROWS = 10_000
MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_FORM_BYTES = MAX_FILE_BYTES + 64 * 1024  # with what comes beside the file
MAX_SKU_LENGTH = 64
MAX_REASON_LENGTH = 255
MAX_SHOWN = 32  # characters of what was typed as a count
MAX_DIGITS = 9
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = ",;\t"
# What a spreadsheet writes in front of a cell that it would take for a formula.
QUOTED = re.compile(r"'(?=[=+\-@])")


class UnreadableCount(Invalid):
    code = "unreadable_file"
    detail = "This file cannot be read."

    def __init__(self, message: str) -> None:
        super().__init__(problems=[FieldProblem("file", self.code, message)])


@dataclass(frozen=True, kw_only=True)
class CountedRow:
    """One row of the file. `refusal` says what is wrong with it, "" for nothing.

    `line` is where it begins, counted as an editor counts.
    """

    line: int
    sku: str
    counted_as: str
    reason: str
    counted: int | None
    refusal: str


def read_count(content: bytes) -> list[CountedRow]:
    """Read the whole file; rows that have separators and nothing else do not count.

    Raises:
        UnreadableCount: it is too large, not UTF-8, not CSV, lacks a column, or has no rows or
            too many.
    """
    records = _records(_text(content))
    header = [name.strip().lower() for name in next(records, (1, []))[1]]
    _check_header(header)
    rows: list[CountedRow] = []
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableCount(f"The file has more than {MAX_ROWS} rows. Send it in parts.")
        rows.append(_row(line, header, cells))
    if not rows:
        raise UnreadableCount("The file has no rows.")
    return rows


def _text(content: bytes) -> str:
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableCount(f"The file is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    if content.startswith(UTF16_MARKS):
        raise UnreadableCount("The file is UTF-16. Save it as “CSV UTF-8”.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise UnreadableCount(
            f"The file is not UTF-8: see line {line}. Save it as “CSV UTF-8”."
        ) from problem


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), strict=True, delimiter=separator)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise UnreadableCount(f"Line {begins} is not CSV: {problem}.") from problem


def _check_header(header: list[str]) -> None:
    for name in (SKU, COUNTED):
        if name not in header:
            raise UnreadableCount(f"The first line must name the columns; “{name}” is missing.")
    for name, times in Counter(header).items():
        if times > 1 and name in {SKU, COUNTED, REASON}:
            raise UnreadableCount(f"The file has the column “{name}” twice.")


def _row(line: int, header: list[str], cells: list[str]) -> CountedRow:
    found = dict(zip(header, cells, strict=False))
    sku = QUOTED.sub("", found.get(SKU, "").strip(), count=1)
    counted_as = QUOTED.sub("", found.get(COUNTED, "").strip(), count=1)
    reason = " ".join(QUOTED.sub("", found.get(REASON, "").strip(), count=1).split())
    refusal = _malformation(header, cells, sku, reason) or _refusal_of(counted_as)
    return CountedRow(
        line=line,
        sku=_shown(sku, MAX_SKU_LENGTH),
        counted_as=_shown(counted_as, MAX_SHOWN),
        reason=_shown(reason, MAX_REASON_LENGTH),
        counted=None if refusal else int(counted_as),
        refusal=refusal,
    )


def _malformation(header: list[str], cells: list[str], sku: str, reason: str) -> str:
    if any("\0" in cell for cell in cells):
        return "The row has a NUL character."
    if len(cells) > len(header):
        return f"The row has {len(cells)} cells, the first line has {len(header)}."
    if not sku:
        return "There is no SKU."
    if len(sku) > MAX_SKU_LENGTH:
        return f"A SKU has at most {MAX_SKU_LENGTH} characters."
    if len(reason) > MAX_REASON_LENGTH:
        return f"A reason has at most {MAX_REASON_LENGTH} characters."
    return ""


def _refusal_of(counted_as: str) -> str:
    if not counted_as:
        return "Nothing was counted."
    if re.fullmatch(r"-[0-9]+", counted_as):
        return "Nobody counts fewer than 0."
    if not re.fullmatch(r"[0-9]+", counted_as):
        return "Not a whole number."
    return "Too large a number." if len(counted_as) > MAX_DIGITS else ""


def _shown(text: str, length: int) -> str:
    return text.replace("\0", "�")[:length]
