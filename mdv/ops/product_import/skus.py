"""SKUs for variants whose file gives none: the same rows get the same SKUs in every run."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence

from django.utils.text import slugify

MAX_SKU = 64
DIGEST_LENGTH = 8


def plain_sku(handle: str, options: Sequence[str]) -> str:
    """Return ``handle-option-values``, or the distinct form where that would not be unambiguous."""
    words = [slugify(option) for option in options]
    sku = "-".join([handle, *words]).lstrip("-_")
    if not sku or not all(words) or len(sku) > MAX_SKU:
        return distinct_sku(handle, options)
    return sku


def distinct_sku(handle: str, options: Sequence[str]) -> str:
    """Return as much of ``handle-option-values`` as fits, and a digest of all of it."""
    exact = "\0".join([handle, *options])
    digest = hashlib.sha256(exact.encode()).hexdigest()[:DIGEST_LENGTH]
    words = [slugify(option) for option in options]
    readable = "-".join([handle, *filter(None, words)])[: MAX_SKU - DIGEST_LENGTH - 1]
    return f"{readable.strip('-_')}-{digest}".lstrip("-")


def choose_skus(
    handle: str, variants: Sequence[tuple[str, ...]], *, taken: Collection[str]
) -> dict[tuple[str, ...], str]:
    """Return an SKU for each of the options, none of which is in `taken`.

    Variants that would get the same one all get the distinct form, so that their order in the
    file does not matter.
    """
    plain = {options: plain_sku(handle, options) for options in variants}
    times = Counter(plain.values())
    return {
        options: distinct_sku(handle, options) if times[sku] > 1 or sku in taken else sku
        for options, sku in plain.items()
    }
