"""Product files for the tests of the import, and the command as a person runs it."""

import csv
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

OUR_FILE = Path(__file__).parent / "files" / "products.csv"

COLUMNS = {
    "handle": "Handle",
    "title": "Title",
    "body": "Body (HTML)",
    "vendor": "Vendor",
    "type": "Type",
    "tags": "Tags",
    "published": "Published",
    "name1": "Option1 Name",
    "value1": "Option1 Value",
    "name2": "Option2 Name",
    "value2": "Option2 Value",
    "sku": "Variant SKU",
    "grams": "Variant Grams",
    "quantity": "Variant Inventory Qty",
    "price": "Variant Price",
    "compare": "Variant Compare At Price",
    "barcode": "Variant Barcode",
    "image": "Image Src",
    "position": "Image Position",
    "alt": "Image Alt Text",
    "gift": "Gift Card",
    "variant_image": "Variant Image",
    "status": "Status",
}


def mug(**cells):
    """The row of a product without options that can be imported as it is."""
    return {"handle": "mug", "title": "Mug", "price": "9.99", **cells}


def ring(size, **cells):
    """A further row of a product whose option is its size."""
    return {"handle": "ring", "value1": size, "price": "20", **cells}


def ring_title(size, **cells):
    """The first row of a product whose option is its size."""
    return ring(size, **{"title": "Ring", "name1": "Size", **cells})


def picture(name):
    return f"https://img.example.com/{name}.jpg"


def product_file(folder, *rows, name="products.csv", without=("status",)):
    """Write a file with all of the columns but some; cells that a row does not give are blank."""
    columns = [column for key, column in COLUMNS.items() if key not in without]
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows({COLUMNS[key]: cell for key, cell in row.items()} for row in rows)
    return path


@dataclass
class Run:
    """What the command said, and its exit code."""

    said: list[str]
    progress: str
    code: int
    problem: str

    @property
    def refused(self):
        """The refused rows, as (line, reason)."""
        found = [line.split(" line ", 1)[1] for line in self.said if ": refused. " in line]
        return [(int(text.split(",")[0]), text.split(": refused. ", 1)[1]) for text in found]

    @property
    def notes(self):
        """The notes, as (line, text)."""
        found = [line.split(" line ", 1)[1] for line in self.said if ": note. " in line]
        return [(int(text.split(":")[0]), text.split(": note. ", 1)[1]) for text in found]

    @property
    def sums(self):
        """The lines with the sums: without the refused rows, the notes and the files' names."""
        lines = [line for line in self.said if ": refused. " not in line and ": note. " not in line]
        return [line.rsplit("/", 1)[-1] for line in lines]


def run_import(*files, **options):
    """Run the command on the files."""
    said, progress, code, problem = StringIO(), StringIO(), 0, ""
    try:
        call_command("import_products", *files, stdout=said, stderr=progress, **options)
    except CommandError as error:
        code, problem = error.returncode, str(error)
    return Run(
        said=said.getvalue().splitlines(),
        progress=progress.getvalue(),
        code=code,
        problem=problem,
    )
