"""What customers are shown, read without model instances: the busiest pages of the shop."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.templatetags.static import static

from shop.catalog.models import Product, ProductImage, Variant

PLACEHOLDER = "catalog/placeholder.svg"
CARD_COLUMNS = (
    "id", "slug", "title", "vendor", "price_from", "compare_at_from", "on_sale", "created_at",
    "in_stock", "category__slug", "category__name", "main_image__id", "main_image__thumbnail",
    "main_image__alt",
)  # fmt: skip
RANK = "rank"  # how well a product matches a search
PRODUCT_COLUMNS = (
    "id", "slug", "title", "description", "vendor", "tags", "option_names", "price_from",
    "compare_at_from", "on_sale", "category__slug", "category__name", "created_at", "updated_at",
)  # fmt: skip
VARIANT_COLUMNS = (
    "sku", "option_values", "price", "compare_at_price", "barcode", "weight_grams", "in_stock",
    "image_id",
)  # fmt: skip
IMAGE_COLUMNS = ("id", "file", "thumbnail", "width", "height", "alt", "is_primary")


def with_stock(products: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate ``in_stock``: whether any variant for sale can be had."""
    available = Variant.objects.filter(product=OuterRef("pk"), is_archived=False, in_stock=True)
    # Not EXISTS: for that PostgreSQL reads all variants to show twenty products.
    first = Subquery(available.values("in_stock")[:1])
    annotated: QuerySet[Any] = products.annotate(in_stock=Coalesce(first, False))
    return annotated


def card_rows(products: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Select what :func:`card` needs, in the one statement that reads `products`.

    `products` went through :func:`with_stock`.
    """
    main_image = FilteredRelation("images", condition=Q(images__is_primary=True))
    ranked = [RANK] if RANK in products.query.annotations else []
    rows: QuerySet[Any, Any] = products.annotate(main_image=main_image).values_list(
        *CARD_COLUMNS, *ranked, named=True
    )
    return rows


def card(row: Any) -> dict[str, Any]:
    """Return a product as lists show it."""
    return {
        "slug": row.slug,
        "title": row.title,
        "vendor": row.vendor,
        "category": _category(row.category__slug, row.category__name),
        "currency": settings.STORE_CURRENCY,
        "price_from": str(row.price_from),
        "compare_at_price": _amount(row.compare_at_from),
        "on_sale": row.on_sale,
        "in_stock": row.in_stock,
        "image": _thumbnail(row),
    }


def full_product(slug: str) -> dict[str, Any] | None:
    """Return a product with its variants and images, or None: in three statements."""
    product = Product.objects.listed().filter(slug=slug).values(*PRODUCT_COLUMNS).first()
    if product is None:
        return None
    variants = list(
        Variant.objects.filter(product_id=product["id"], is_archived=False)
        .order_by("position", "id")
        .values(*VARIANT_COLUMNS)
    )
    images = list(
        ProductImage.objects.filter(product_id=product["id"])
        .order_by("position", "id")
        .values(*IMAGE_COLUMNS)
    )
    return _full(product, variants, images)


def _full(
    product: dict[str, Any], variants: list[dict[str, Any]], images: list[dict[str, Any]]
) -> dict[str, Any]:
    names = product["option_names"]
    shown = {image["id"]: _image(image) for image in images}
    return {
        "slug": product["slug"],
        "title": product["title"],
        "description": product["description"],
        "vendor": product["vendor"],
        "tags": product["tags"],
        "category": _category(product["category__slug"], product["category__name"]),
        "currency": settings.STORE_CURRENCY,
        "price_from": str(product["price_from"]),
        "compare_at_price": _amount(product["compare_at_from"]),
        "on_sale": product["on_sale"],
        "in_stock": any(variant["in_stock"] for variant in variants),
        "options": _options(names, [variant["option_values"] for variant in variants]),
        "variants": [_variant(variant, names, shown) for variant in variants],
        "images": list(shown.values()),
        "created_at": product["created_at"],
        "updated_at": product["updated_at"],
    }


def _options(names: list[str], values: Iterable[list[str]]) -> list[dict[str, Any]]:
    columns = list(zip(*values, strict=False)) or [()] * len(names)
    return [
        {"name": name, "values": list(dict.fromkeys(column))}
        for name, column in zip(names, columns, strict=False)
    ]


def _variant(
    variant: dict[str, Any], names: list[str], images: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "sku": variant["sku"],
        "title": " / ".join(variant["option_values"]),
        "options": [
            {"name": name, "value": value}
            for name, value in zip(names, variant["option_values"], strict=False)
        ],
        "price": str(variant["price"]),
        "compare_at_price": _amount(variant["compare_at_price"]),
        "barcode": variant["barcode"],
        "weight_grams": variant["weight_grams"],
        "in_stock": variant["in_stock"],
        "image": images.get(variant["image_id"]),
    }


def _image(image: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": picture_url(image["file"]),
        "thumbnail_url": picture_url(image["thumbnail"]),
        "width": image["width"],
        "height": image["height"],
        "alt": image["alt"],
        "is_primary": image["is_primary"],
    }


def _thumbnail(row: Any) -> dict[str, Any] | None:
    if row.main_image__id is None:
        return None
    return {"thumbnail_url": picture_url(row.main_image__thumbnail), "alt": row.main_image__alt}


def picture_url(name: str) -> str:
    """Return where a stored picture is served, or the placeholder while it is being fetched."""
    return default_storage.url(name) if name else static(PLACEHOLDER)


def _category(slug: str | None, name: str | None) -> dict[str, str] | None:
    return {"slug": slug, "name": name or ""} if slug else None


def _amount(value: Any) -> str | None:
    return None if value is None else str(value)
