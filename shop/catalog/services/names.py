"""Names that are made from a title: slugs and SKUs, unique also when two are made at once."""

import secrets

import psycopg
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.text import slugify

MAX_SLUG_LENGTH = 128  # leaves room for a suffix in 140
MAX_SKU_LENGTH = 52  # likewise in 64
ATTEMPTS = 5


def slug_from(title: str, *, otherwise: str) -> str:
    """Return `title` in lower-case letters, digits and hyphens; `otherwise` if none are left."""
    return slugify(title)[:MAX_SLUG_LENGTH].strip("-_") or otherwise


def sku_from(slug: str, option_values: list[str]) -> str:
    """Return a SKU such as ``OCEAN-SHIRT-BLUE`` for a variant that was given none."""
    return slugify("-".join([slug, *option_values]))[:MAX_SKU_LENGTH].strip("-_").upper()


def insert_named(
    row: Model, *, field: str, constraint: str, reserved: frozenset[str] = frozenset()
) -> None:
    """Insert `row` under the name in `field`, or with -2, -3 … behind it if that is taken.

    `constraint` is the unique constraint that decides; nothing is called one of the `reserved`.
    After a few lost races the suffix is random.
    """
    base = getattr(row, field)
    if base in reserved:
        setattr(row, field, _next_free(row, field, base))
    for _ in range(ATTEMPTS):
        if _inserted(row, constraint):
            return
        setattr(row, field, _next_free(row, field, base))
    setattr(row, field, f"{base}-{secrets.token_hex(4)}")
    row.save(force_insert=True)


def _inserted(row: Model, constraint: str) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as refusal:
        cause = refusal.__cause__
        if isinstance(cause, psycopg.Error) and cause.diag.constraint_name == constraint:
            return False
        raise
    return True


def _next_free(row: Model, field: str, base: str) -> str:
    rows = type(row)._default_manager  # noqa: SLF001
    used = set(rows.filter(**{f"{field}__startswith": f"{base}-"}).values_list(field, flat=True))
    suffix = 2
    while f"{base}-{suffix}" in used:
        suffix += 1
    return f"{base}-{suffix}"
