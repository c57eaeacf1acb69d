"""Reading a CSV file into rows that know where they came from."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from mdv.ops.product_import.columns import REQUIRED

MAX_FILE_BYTES = 100 * 1024 * 1024  # Shopify itself takes 15 MB
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFile(Exception):
    """The file as a whole makes no sense. The text names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record of a file. `line` is where it begins, counted as an editor counts."""

    file: str
    line: int
    cells: dict[str, str]

    def says(self, column: str) -> str:
        """Return the cell without surrounding blanks; "" where the file has no such column."""
        return self.cells.get(column, "").strip()

    def has(self, column: str) -> bool:
        """Tell whether the file has that column at all."""
        return column in self.cells


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A row that is not imported, and why."""

    row: Row
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductFile:
    """What was read. `empty` counts the rows that have separators and nothing else."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    malformed: tuple[Refusal, ...]
    empty: int

    @property
    def rows_read(self) -> int:
        return len(self.rows) + len(self.malformed) + self.empty


def read_file(path: Path) -> ProductFile:
    """Read the whole file.

    Raises:
        UnreadableFile: it is not there, too large, not UTF-8, not CSV, or lacks a column.
    """
    records = _records(str(path), _text(path))
    _, names = next(records, (1, []))
    header = tuple(name.strip() for name in names)
    _check_header(str(path), header)
    rows, malformed, empty = [], [], 0
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            empty += 1
            continue
        row = Row(file=str(path), line=line, cells=dict(zip(header, cells, strict=False)))
        reason = _malformation(header, cells)
        if reason:
            malformed.append(Refusal(row=row, reason=reason))
        else:
            rows.append(row)
    return ProductFile(
        name=str(path),
        header=header,
        rows=tuple(rows),
        malformed=tuple(malformed),
        empty=empty,
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableFile(f"{path} is larger than {MAX_FILE_BYTES} bytes.")
        raw = path.read_bytes()
    except OSError as problem:
        raise UnreadableFile(f"{path}: {problem.strerror}.") from problem
    if raw.startswith(UTF16_MARKS):
        raise UnreadableFile(f"{path} is UTF-16. Save it as “CSV UTF-8”.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        byte = f"0x{raw[problem.start]:02x}"
        raise UnreadableFile(
            f"{path} is not UTF-8 (byte {byte} on line {line}). Save it as “CSV UTF-8”."
        ) from problem


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    # Not universal newlines and not splitlines(): descriptions hold line breaks of all kinds.
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise UnreadableFile(f"{name}, line {begins}: {problem}.") from problem


def _check_header(name: str, header: tuple[str, ...]) -> None:
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        hint = " Its columns must be separated by commas." if len(header) == 1 else ""
        raise UnreadableFile(f"{name} has no column “{missing[0]}”.{hint}")
    twice = [column for column, times in Counter(header).items() if times > 1 and column]
    if twice:
        raise UnreadableFile(f"{name} has the column “{twice[0]}” twice.")


def _malformation(header: tuple[str, ...], cells: list[str]) -> str:
    if len(cells) != len(header):
        return f"The row has {len(cells)} cells, the header has {len(header)}."
    if any("\0" in cell for cell in cells):
        return "The row has a NUL character."
    return ""
