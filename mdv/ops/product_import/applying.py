"""Carrying out the plan for one product, through the services that everybody uses."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from psycopg import errors as postgres

from mdv.kernel.errors import DomainError
from mdv.ops.product_import.planning import Plan, VariantStep, category_slug
from mdv.ops.product_import.reading import Row
from shop.catalog.models import Category, Product, ProductImage
from shop.catalog.services import (
    add_remote_image,
    create_category,
    create_product,
    create_variant,
    set_product_status,
    update_image,
    update_product,
    update_variant,
)
from shop.catalog.services.products import ProductChanges
from shop.catalog.services.variants import VariantChanges
from shop.catalog.tasks import fetch_soon
from shop.stock.services import adjust_stock, lock_items, receive_delivery

# The shop needs the row just now; asking again later helps.
SHOP_IS_BUSY = (postgres.LockNotAvailable, postgres.DeadlockDetected, postgres.QueryCanceled)

MAX_REASON = 255


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How to import. `fetch_images`: None for new ones only, True for all still missing."""

    dry_run: bool = False
    set_stock: bool = False
    fetch_images: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """What was done, counted as "variants created", and the slugs of the categories created.

    Slugs and no count: a dry run takes a category back and creates it for the next product again.
    """

    counts: Counter[str] = field(default_factory=Counter)
    categories: set[str] = field(default_factory=set)

    def count(self, what: str, number: int = 1) -> None:
        """Note that it was done once, or `number` times."""
        self.counts[what] += number

    def add(self, other: "Done") -> None:
        """Take in what was done elsewhere."""
        self.counts.update(other.counts)
        self.categories.update(other.categories)


class Refused(Exception):
    """The shop does not take the product. `row` is to blame, None for the product as a whole."""

    def __init__(self, reason: str, row: Row | None) -> None:
        self.row = row
        super().__init__(reason)


def apply(plan: Plan, wishes: Wishes) -> Done:
    """Carry out `plan` in one transaction and count what was done, as "variants created".

    A dry run does all of it and takes it back, so that it meets every refusal that there is.

    Raises:
        Refused: the shop does not take it; nothing of the product was changed.
    """
    done = Done()
    with _refusals(None), transaction.atomic():
        product = _apply_product(plan, done)
        _apply_images(plan, product, wishes, done)
        _apply_variants(plan, product, wishes, done)
        if plan.status is not None:
            set_product_status(product_id=product.pk, status=plan.status)
        if wishes.dry_run:
            connection.check_constraints()  # what COMMIT would have checked
            transaction.set_rollback(True)
    return done


def _apply_product(plan: Plan, done: Done) -> Product:
    changes: ProductChanges = {**plan.fields}
    if plan.category:
        changes["category_id"] = _category_id(plan.category, done)
    if plan.present is None:
        done.count("products created")
        return create_product(**changes)
    if changes:
        update_product(product_id=plan.present.pk, **changes)
    is_changed = bool(changes) or plan.status is not None
    done.count("products changed" if is_changed else "products unchanged")
    return plan.present


def _category_id(name: str, done: Done) -> int:
    slug = category_slug(name)
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        category = create_category(name=name, slug=slug)
        done.categories.add(slug)
    return category.pk


def _apply_images(plan: Plan, product: Product, wishes: Wishes, done: Done) -> None:
    for step in plan.images:
        with _refusals(step.row):
            if step.present is None:
                add_remote_image(
                    product_id=product.pk,
                    source_url=step.url,
                    fetch=wishes.fetch_images is not False,
                    **step.fields,
                )
                done.count("images created")
                continue
            if wishes.fetch_images and not step.present.file:
                fetch_soon.defer(image_id=step.present.pk)
            if step.fields:
                update_image(image_id=step.present.pk, **step.fields)
            done.count("images changed" if step.fields else "images unchanged")


def _apply_variants(plan: Plan, product: Product, wishes: Wishes, done: Done) -> None:
    images = _images_by_url(plan, product)
    came: dict[int, int] = {}
    for step in plan.variants:
        with _refusals(step.row):
            changes: VariantChanges = {**step.fields}
            if step.image:
                changes["image_id"] = images[step.image].pk
            if step.present is None:
                variant = create_variant(product_id=product.pk, **changes)
                done.count("variants created")
                came |= {variant.pk: step.quantity} if step.quantity else {}
                continue
            if changes:
                update_variant(variant_id=step.present.pk, **changes)
            done.count("variants changed" if changes else "variants unchanged")
    if came:
        receive_delivery(quantities=came, reason=_reason(plan.variants[0]))
        done.count("units received", sum(came.values()))
    if wishes.set_stock:
        _set_stock(plan, done)


def _images_by_url(plan: Plan, product: Product) -> dict[str, ProductImage]:
    if not any(step.image for step in plan.variants):
        return {}
    images = ProductImage.objects.filter(product_id=product.pk)
    return {image.source_url: image for image in images}


def _set_stock(plan: Plan, done: Done) -> None:
    """Bring the levels of variants that were there before to what the file says is on hand."""
    differing = {
        step.present.pk: (step, step.quantity)
        for step in plan.variants
        if step.present is not None and step.quantity is not None and step.quantity != step.on_hand
    }
    # The shop sells on: what counts is the level under the lock, not the one that was planned with.
    items = lock_items(differing)
    for variant_id, (step, quantity) in differing.items():
        delta = quantity - items[variant_id].on_hand
        if delta:
            with _refusals(step.row):
                adjust_stock(variant_id=variant_id, delta=delta, reason=_reason(step))
            done.count("levels adjusted")


def _reason(step: VariantStep) -> str:
    return f"Import of {Path(step.row.file).name}"[:MAX_REASON]


@contextmanager
def _refusals(row: Row | None) -> Iterator[None]:
    """Turn what the services and the database refuse into a reason for people."""
    try:
        yield
    except DomainError as problem:
        fields = " ".join(f"{found.field}: {found.message}" for found in problem.problems)
        raise Refused(f"{problem.message} {fields}".strip(), row) from problem
    except IntegrityError as problem:
        raise Refused(f"The database refuses it ({_constraint(problem)}).", row) from problem
    except OperationalError as problem:
        if not isinstance(problem.__cause__, SHOP_IS_BUSY):
            raise
        raise Refused("The shop was using it. Import it again later.", row) from problem


def _constraint(problem: DatabaseError) -> str:
    cause = problem.__cause__
    return cause.diag.constraint_name or "" if isinstance(cause, psycopg.Error) else ""
