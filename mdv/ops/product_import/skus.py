"""SKUs for variants whose file gives none: the same rows get the same SKUs in every run."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from django.utils.text import slugify

Options = tuple[str, ...]

MAX_SKU = 64
DIGEST_LENGTH = 8


def plain_sku(handle: str, options: Options) -> str:
    """Return ``handle-option-values``; the distinct form where that is too long or unclear."""
    words = [slugify(option) for option in options]
    sku = "-".join([handle, *words]).lstrip("-_")
    if not sku or not all(words) or len(sku) > MAX_SKU:
        return distinct_sku(handle, options)
    return sku


def distinct_sku(handle: str, options: Options) -> str:
    """Return as much of ``handle-option-values`` as fits, and a digest of all of it."""
    exact = "\0".join([handle, *options])
    digest = hashlib.sha256(exact.encode()).hexdigest()[:DIGEST_LENGTH]
    words = filter(None, (slugify(option) for option in options))
    readable = "-".join([handle, *words])[: MAX_SKU - DIGEST_LENGTH - 1].strip("-_")
    return f"{readable}-{digest}".lstrip("-")


def choose_skus(
    handle: str, variants: Sequence[Options], is_free: Callable[[str], bool]
) -> dict[Options, str]:
    """Return an SKU for each of the options.

    Variants that would get the same one all get the distinct form, so that their order in the
    file does not matter.
    """
    plain = {options: plain_sku(handle, options) for options in variants}
    times = Counter(plain.values())
    return {
        options: sku if times[sku] == 1 and is_free(sku) else distinct_sku(handle, options)
        for options, sku in plain.items()
    }
