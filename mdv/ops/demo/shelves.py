"""Putting the goods on the shelves, with pictures and stock."""

from collections.abc import Sequence

from mdv.accounts.roles import Role
from mdv.ops.demo.accounts import Accounts, acting
from mdv.ops.demo.assortment import PlannedProduct
from mdv.ops.demo.goods import SHELVES
from mdv.ops.demo.tiles import draw_tile
from shop.catalog.models import Product, Variant
from shop.catalog.services import (
    add_image,
    create_category,
    create_product,
    create_variant,
    set_product_status,
)
from shop.catalog.states import ProductStatus
from shop.stock.services import adjust_stock, receive_delivery, set_low_level

DELIVERY_NOTE = "First delivery"
DAMAGED, MISCOUNTED = "Damaged in transit", "Counted again"


def fill_shelves(accounts: Accounts, assortment: Sequence[PlannedProduct]) -> None:
    """Create categories, products, variants, pictures and stock."""
    with acting(accounts.staff[Role.OPERATIONS]):
        shelves = _put_up_shelves()
        for place, planned in enumerate(assortment):
            _create(planned, place, shelves[planned.goods.shelf])
    with acting(accounts.staff[Role.LOGISTICS]):
        ids = dict(Variant.objects.values_list("sku", "id"))
        for_sale = [found for found in assortment if found.status != ProductStatus.DRAFT]
        receive_delivery(quantities=_delivery(for_sale, ids), reason=DELIVERY_NOTE)
        for planned in for_sale:
            _look_after(planned, ids)


def archive_old_goods(accounts: Accounts, assortment: Sequence[PlannedProduct]) -> None:
    """Stop selling what is planned to end archived; it has been sold until now."""
    titles = [found.goods.title for found in assortment if found.status == ProductStatus.ARCHIVED]
    with acting(accounts.staff[Role.OPERATIONS]):
        for product in Product.objects.filter(title__in=titles).order_by("id"):
            set_product_status(product_id=product.pk, status=ProductStatus.ARCHIVED)


def _put_up_shelves() -> dict[str, int]:
    """Create the tree of categories and return the ids of its leaves by name."""
    ids = {}
    for position, (top, names) in enumerate(SHELVES.items()):
        parent = create_category(name=top, position=position)
        for place, name in enumerate(names):
            child = create_category(name=name, parent_id=parent.pk, position=place)
            ids[name] = child.pk
    return ids


def _create(planned: PlannedProduct, place: int, category_id: int) -> None:
    goods = planned.goods
    product = create_product(
        title=goods.title,
        description=f"<p>{goods.description}</p>",
        category_id=category_id,
        vendor=goods.vendor,
        tags=goods.tags,
        option_names=planned.option_names,
    )
    for variant in planned.variants:
        create_variant(
            product_id=product.pk,
            sku=variant.sku,
            option_values=variant.option_values,
            price=variant.price,
            compare_at_price=variant.compare_at_price,
        )
    add_image(product_id=product.pk, content=draw_tile(goods, place), alt=goods.title)
    if planned.status != ProductStatus.DRAFT:
        set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)


def _delivery(assortment: Sequence[PlannedProduct], ids: dict[str, int]) -> dict[int, int]:
    """Return the units that came of each variant."""
    return {
        ids[variant.sku]: variant.received
        for planned in assortment
        for variant in planned.variants
        if variant.received
    }


def _look_after(planned: PlannedProduct, ids: dict[str, int]) -> None:
    for variant in planned.variants:
        variant_id = ids[variant.sku]
        if variant.adjusted:
            reason = MISCOUNTED if variant.on_hand else DAMAGED
            adjust_stock(variant_id=variant_id, delta=variant.adjusted, reason=reason)
        if planned.low_at:
            set_low_level(variant_id=variant_id, low_at=planned.low_at)
