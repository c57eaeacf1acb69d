"""Telling people what an import did: on the screen, and as a file of the refused rows."""

import csv
import time
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import OutputWrapper

from mdv.ops.product_import.cells import SHOWN
from mdv.ops.product_import.columns import Column
from mdv.ops.product_import.reading import ProductFile, Refusal
from mdv.ops.product_import.running import FileCount, Outcome

REASON, FILE, LINE = "Reason", "File", "Line"
OURS = (REASON, FILE, LINE)

KINDS = ("products", "variants", "images")
VERBS = ("created", "changed", "unchanged")

REDRAW_S = 0.1
PRODUCTS_PER_LINE = 500


class ProgressLine:
    """Shows how far the import is: one living line on a terminal, now and then a line elsewhere."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._drawn_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        if not self._out.isatty():
            if done % PRODUCTS_PER_LINE == 0:
                self._write(f"{done} of {total} products\n")
            return
        now = time.monotonic()
        if done == total or now - self._drawn_at >= REDRAW_S:
            self._drawn_at = now
            self._write(f"\r{done} of {total} products" + ("\n" if done == total else ""))

    def _write(self, text: str) -> None:
        self._out.write(text, str, ending="")  # str: not in the red of errors
        self._out.flush()


def write_refused(path: Path, files: Sequence[ProductFile], refusals: Sequence[Refusal]) -> None:
    """Write the refused rows as a product file with a reason: corrected, it can be imported.

    Cells stay as they were, also those that a spreadsheet would take for a formula: they are the
    reader's own, and an import must find them unchanged.
    """
    columns = dict.fromkeys(name for file in files for name in file.header if name not in OURS)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*columns, *OURS], restval="", extrasaction="ignore")
        writer.writeheader()
        for refusal in refusals:
            ours = {REASON: refusal.reason, FILE: refusal.row.file, LINE: refusal.row.line}
            writer.writerow({**refusal.row.cells, **ours})


def lines_of(outcome: Outcome) -> list[str]:
    """Return the report: one line for each refused row and each note, then the sums."""
    said = [
        f"{found.row.file} line {found.row.line}, {_handle(found)}: refused. {found.reason}"
        for found in outcome.refusals
    ]
    said += [f"{note.row.file} line {note.row.line}: note. {note.text}" for note in outcome.notes]
    said += [_rows_of(file) for file in outcome.files]
    done = outcome.done
    for kind in KINDS:
        counts = [f"{done.counts[f'{kind} {verb}']} {verb}" for verb in VERBS]
        said.append(f"{kind}: {', '.join(counts)}")
    said.append(f"categories: {len(done.categories)} created")
    received, adjusted = done.counts["units received"], done.counts["levels adjusted"]
    said.append(f"stock: {received} units received, {adjusted} levels adjusted")
    return [_printable(line) for line in said]


def _printable(line: str) -> str:
    """Keep what a file's cells may hold from moving the cursor or breaking the line."""
    return "".join(character if character.isprintable() else "�" for character in line)


def _rows_of(file: FileCount) -> str:
    parts = f"{file.variant_rows} variants + {file.image_rows} images only"
    parts += f" + {file.refused} refused + {file.empty} empty"
    return f"{file.name}: {file.rows_read} rows = {parts}"


def _handle(refusal: Refusal) -> str:
    return refusal.row.says(Column.HANDLE)[:SHOWN] or "no handle"
