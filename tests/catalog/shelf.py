"""Goods to test with, made by the services that make goods."""

from decimal import Decimal
from io import BytesIO

from PIL import Image

from shop.catalog import services
from shop.catalog.states import ProductStatus
from shop.stock.services import receive_stock


def make_product(title="Ocean shirt", *, price="1500.00", compare_at=None, stock=1, **fields):
    """An active product with one variant; with `price` None it has lost it again."""
    product = services.create_product(title=title, **fields)
    reduced_from = compare_at and Decimal(compare_at)
    is_kept = price is not None
    variant = make_variant(
        product, price or "1.00", compare_at_price=reduced_from, stock=stock if is_kept else 0
    )
    publish(product)
    if not is_kept:
        services.delete_variant(variant_id=variant.pk)
    product.refresh_from_db()
    return product


def publish(product):
    return services.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)


def make_variant(product, price="1500.00", *, stock=0, **fields):
    variant = services.create_variant(product_id=product.pk, price=Decimal(price), **fields)
    if stock:
        receive_stock(variant_id=variant.pk, quantity=stock)
    return variant


def picture(size=(40, 20), *, kind="PNG", mode="RGB", colour="teal", **options):
    """The bytes of a picture."""
    buffer = BytesIO()
    Image.new(mode, size, colour).save(buffer, kind, **options)
    return buffer.getvalue()
