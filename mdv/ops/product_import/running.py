"""Importing files: product by product, each in a transaction of its own.

A run that ends half-way leaves whole products; the next run finds them and goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch

from mdv.ops.product_import.applying import Done, Refused, Wishes, apply
from mdv.ops.product_import.claims import Claims
from mdv.ops.product_import.columns import Column
from mdv.ops.product_import.entries import Note
from mdv.ops.product_import.interpreting import Entry, interpret
from mdv.ops.product_import.matching import skus_in_question
from mdv.ops.product_import.planning import plan_product
from mdv.ops.product_import.reading import ProductFile, Refusal, Row
from shop.catalog.models import Product, Variant

AT_ONCE = 100  # products that are looked up together

Progress = Callable[[int, int], None]


@dataclass(kw_only=True)
class FileCount:
    """What became of one file's rows: each is counted once."""

    name: str
    rows_read: int
    empty: int
    variant_rows: int = 0
    image_rows: int = 0
    refused: int = 0


@dataclass(kw_only=True)
class Outcome:
    """What a run did, or in a dry run would have done."""

    files: list[FileCount] = field(default_factory=list)
    done: Done = field(default_factory=Done)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Group:
    handle: str
    rows: list[Row]


def import_files(files: Sequence[ProductFile], wishes: Wishes, progress: Progress) -> Outcome:
    """Import all files, in their order; tell `progress` how many products of how many are done."""
    run = _Run(files, wishes)
    groups = [_grouped(file) for file in files]
    total, done = sum(len(of_file) for of_file in groups), 0
    for file, of_file in zip(files, groups, strict=True):
        run.begin(file)
        for start in range(0, len(of_file), AT_ONCE):
            for _ in run.import_groups(of_file[start : start + AT_ONCE]):
                done += 1
                progress(done, total)
    return run.finish()


def _grouped(file: ProductFile) -> list[_Group]:
    """Put the rows of each handle together, wherever they stand. Case does not count, as there."""
    groups: dict[str, _Group] = {}
    for row in file.rows:
        handle = row.says(Column.HANDLE).lower()
        groups.setdefault(handle, _Group(handle=handle, rows=[])).rows.append(row)
    return list(groups.values())


class _Run:
    def __init__(self, files: Sequence[ProductFile], wishes: Wishes) -> None:
        self.wishes = wishes
        self.claims = Claims(
            row.says(Column.SKU).removeprefix("'") for file in files for row in file.rows
        )
        self.outcome = Outcome()
        self.seen: dict[str, str] = {}

    def begin(self, file: ProductFile) -> None:
        count = FileCount(name=file.name, rows_read=file.rows_read, empty=file.empty)
        self.outcome.files.append(count)
        self._refuse(list(file.malformed))

    def import_groups(self, groups: Sequence[_Group]) -> Iterator[None]:
        """Look the products up together, then import one after the other."""
        present = _present([group.handle for group in groups])
        entries = [self._interpreted(group, present.get(group.handle)) for group in groups]
        self.claims.look_up(sku for entry in entries for sku in skus_in_question(entry))
        for entry in entries:
            self._import(entry, present.get(entry.handle))
            yield

    def finish(self) -> Outcome:
        places = {file.name: place for place, file in enumerate(self.outcome.files)}
        self.outcome.refusals.sort(key=lambda found: (places[found.row.file], found.row.line))
        self.outcome.notes.sort(key=lambda found: (places[found.row.file], found.row.line))
        return self.outcome

    def _interpreted(self, group: _Group, present: Product | None) -> Entry:
        file = self.outcome.files[-1].name
        earlier = self.seen.setdefault(group.handle, file)
        if earlier != file:
            reason = f"“{group.handle}” is in {earlier}, too. Import one after the other."
            refusals = [Refusal(row=row, reason=reason) for row in group.rows]
            return Entry(handle=group.handle, refusals=refusals)
        known_options = present.option_names if present else None
        return interpret(group.handle, group.rows, known_options=known_options)

    def _import(self, entry: Entry, present: Product | None) -> None:
        plan = plan_product(entry, present, self.claims)
        if plan is not None:
            try:
                self.outcome.done.add(apply(plan, self.wishes))
            except Refused as refusal:
                _blame(entry, refusal)
            else:
                for step in plan.variants:
                    self.claims.claim(step.sku, step.row)
        self._account_for(entry)

    def _account_for(self, entry: Entry) -> None:
        count = self.outcome.files[-1]
        count.variant_rows += len(entry.variants)
        count.image_rows += len(entry.image_rows)
        self.outcome.notes += entry.notes
        self._refuse(entry.refusals)

    def _refuse(self, refusals: list[Refusal]) -> None:
        self.outcome.files[-1].refused += len(refusals)
        self.outcome.refusals += refusals


def _blame(entry: Entry, refusal: Refused) -> None:
    reason = str(refusal)
    if refusal.row is not None:
        entry.refuse(refusal.row, reason)
        reason = f"The product is refused because of line {refusal.row.line}: {reason}"
    entry.refuse_the_rest(reason)


def _present(handles: Sequence[str]) -> dict[str, Product]:
    variants = Variant.objects.select_related("image", "stock")
    products = (
        Product.objects.filter(slug__in=handles)
        .select_related("category")
        .prefetch_related("images", Prefetch("variants", variants))
    )
    return {product.slug: product for product in products}
