"""Reads Shopify's product CSV."""

from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mdv.kernel import context
from mdv.ops.product_import.applying import Wishes
from mdv.ops.product_import.reading import ProductFile, UnreadableFile, read_file
from mdv.ops.product_import.reporting import ProgressLine, lines_of, write_refused
from mdv.ops.product_import.running import import_files

MAX_COMMAND = 128  # characters, in the trail


class Command(BaseCommand):
    """Import products, variants, images and first stock from Shopify's product CSV."""

    help = (
        "Import products from Shopify's product CSV. A product is found by its handle, a variant "
        "by its options, else by its SKU, an image by its address: a second run changes nothing. "
        "What the shop has and the files do not mention stays. Stock is received when a variant "
        "is new, and afterwards left alone. Ends with 1 if any row was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be done, and change nothing."
        )
        parser.add_argument(
            "--report", type=Path, metavar="CSV", help="Write the refused rows there, with reasons."
        )
        parser.add_argument(
            "--set-stock",
            action="store_true",
            help="Adjust the stock of known variants, too, to what the files say is on hand.",
        )
        parser.add_argument(
            "--fetch-images",
            action=BooleanOptionalAction,
            default=None,
            help="Have a job fetch all images that are still missing, or none; else the new ones.",
        )

    def handle(self, *, files: list[Path], report: Path | None, **options: Any) -> None:
        """Read all files, import them, report.

        Raises:
            CommandError: a file cannot be read (nothing was imported), or rows were refused.
        """
        read = _read(files)
        if report is not None:
            _check_report(report, files)
        wishes = Wishes(
            dry_run=options["dry_run"],
            set_stock=options["set_stock"],
            fetch_images=options["fetch_images"],
        )
        command = f"import_products {' '.join(file.name for file in files)}"[:MAX_COMMAND]
        progress = ProgressLine(self.stderr)
        with context.refined(source="import", command=command):
            outcome = import_files(read, wishes, progress)
        if wishes.dry_run:
            self.stdout.write("Dry run: nothing was changed. This is what would be done.")
        for line in lines_of(outcome):
            self.stdout.write(line)
        if report is not None:
            write_refused(report, read, outcome.refusals)
        if outcome.refusals:
            raise CommandError(f"Rows refused: {len(outcome.refusals)}.")


def _read(files: list[Path]) -> list[ProductFile]:
    for place, file in enumerate(files):
        if file.resolve() in [other.resolve() for other in files[:place]]:
            raise CommandError(f"{file} is named twice.")
    try:
        return [read_file(file) for file in files]
    except UnreadableFile as problem:
        raise CommandError(f"{problem} Nothing was imported.") from problem


def _check_report(report: Path, files: list[Path]) -> None:
    """Refuse a report that could not be written, before there is anything to report."""
    if report.resolve() in [file.resolve() for file in files]:
        raise CommandError("The report would overwrite a file to import.")
    try:
        report.open("a").close()
    except OSError as problem:
        raise CommandError(f"{report} cannot be written: {problem.strerror}.") from problem
