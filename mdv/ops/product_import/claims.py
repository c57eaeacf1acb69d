"""Which SKU is whose, in the shop and in the files of this run."""

from collections.abc import Collection, Iterable

from mdv.ops.product_import.reading import Row
from shop.catalog.models import Variant


class Claims:
    """Finds out that an SKU is already another variant's, without asking for each.

    `given` are all SKUs that the files of this run give: none of them is ever made up.
    """

    def __init__(self, given: Iterable[str]) -> None:
        self.given = frozenset(given)
        self._rows: dict[str, Row] = {}
        self._holders: dict[str, Variant] = {}

    def look_up(self, skus: Iterable[str]) -> None:
        """Ask the shop, once, who has which of `skus`."""
        holders = Variant.objects.filter(sku__in=set(skus)).select_related("product")
        self._holders = {variant.sku: variant for variant in holders}

    def is_free(self, sku: str, *, own: Collection[str]) -> bool:
        """Tell whether `sku` may be made up, `own` being those to choose from in the product."""
        if sku in self.given or sku in self._rows:
            return False
        return sku in own or sku not in self._holders

    def objection(self, sku: str, *, variant: Variant | None) -> str:
        """Return why `variant` (None: a new one) cannot have `sku`, or ""."""
        if sku in self._rows:
            row = self._rows[sku]
            return f"SKU “{sku}” is already that of line {row.line} of {row.file}."
        holder = self._holders.get(sku)
        if holder is None or (variant is not None and holder.pk == variant.pk):
            return ""
        return f"SKU “{sku}” already belongs to the product “{holder.product.slug}”."

    def claim(self, sku: str, row: Row) -> None:
        """Note that `row` was imported with `sku`."""
        self._rows[sku] = row
