"""Finding the shop's variant for each row that has one, and an SKU for each that has none."""

from functools import partial

from mdv.ops.product_import.claims import Claims
from mdv.ops.product_import.entries import VariantEntry
from mdv.ops.product_import.interpreting import Entry
from mdv.ops.product_import.skus import choose_skus, distinct_sku, plain_sku
from shop.catalog.models import Product, Variant
from shop.catalog.services.variants import MAX_VARIANTS


class Matches:
    """Which variant of the shop each row is about, and under which SKU.

    The options decide, as they do for Shopify; then the SKU, for options that were renamed.
    """

    def __init__(self, entry: Entry, product: Product | None, claims: Claims) -> None:
        self._claims = claims
        self._present = list(product.variants.all()) if product else []
        self._variants = self._by_options(entry)
        self._skus = self._with_skus(entry)
        self._match_by_sku(entry)
        self._refuse_the_impossible(entry)

    def variant(self, entry: VariantEntry) -> Variant | None:
        """Return the variant that the shop has, or None for a new one."""
        return self._variants.get(entry.options)

    def sku(self, entry: VariantEntry) -> str:
        """Return the SKU that the variant has or will have."""
        return self._skus[entry.options]

    def _by_options(self, entry: Entry) -> dict[tuple[str, ...], Variant]:
        present = {tuple(variant.option_values): variant for variant in self._present}
        wanted = {variant.options for variant in entry.variants}
        return {options: present[options] for options in wanted if options in present}

    def _with_skus(self, entry: Entry) -> dict[tuple[str, ...], str]:
        skus = {options: variant.sku for options, variant in self._variants.items()}
        skus |= {v.options: v.fields["sku"] for v in entry.variants if "sku" in v.fields}
        nameless = [v.options for v in entry.variants if v.options not in skus]
        is_free = partial(self._claims.is_free, own=self._unmatched())
        return skus | choose_skus(entry.handle, nameless, is_free)

    def _unmatched(self) -> dict[str, Variant]:
        matched = {variant.pk for variant in self._variants.values()}
        return {variant.sku: variant for variant in self._present if variant.pk not in matched}

    def _match_by_sku(self, entry: Entry) -> None:
        unmatched = self._unmatched()
        for options, sku in self._skus.items():
            if options not in self._variants and sku in unmatched:
                self._variants[options] = unmatched.pop(sku)

    def _refuse_the_impossible(self, entry: Entry) -> None:
        count = len(self._present)
        rows: dict[str, VariantEntry] = {}
        for variant in list(entry.variants):
            sku, present = self.sku(variant), self.variant(variant)
            reason = self._claims.objection(sku, variant=present)
            if sku in rows:
                reason = f"SKU “{sku}” is already that of line {rows[sku].row.line}."
            elif not reason and present is None and count >= MAX_VARIANTS:
                reason = f"A product has at most {MAX_VARIANTS} variants."
            if reason:
                entry.refuse(variant.row, reason)
                continue
            rows[sku] = variant
            count += present is None


def skus_in_question(entry: Entry) -> set[str]:
    """Return all SKUs that :class:`Matches` may want to know the holder of."""
    found = set()
    for variant in entry.variants:
        options = variant.options
        given = variant.fields.get("sku")
        found |= (
            {given}
            if given
            else {
                plain_sku(entry.handle, options),
                distinct_sku(entry.handle, options),
            }
        )
    return found
