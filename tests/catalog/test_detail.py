"""One product as customers see it, and what is recommended beside it."""

import pytest

from shop.catalog import services
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def boot():
    """A product with two variants for sale, one archived, two images."""
    shoes = services.create_category(name="Shoes")
    product = services.create_product(
        title="Boot",
        description="<p>Warm.</p>",
        category_id=shoes.pk,
        vendor="Acme",
        tags=["winter"],
        option_names=["Size", "Colour"],
    )
    front = services.add_image(product_id=product.pk, content=picture((40, 20)), alt="Front")
    services.add_remote_image(product_id=product.pk, source_url="https://x.example/back.png")
    make_variant(
        product, "90.00", sku="BOOT-41", option_values=["41", "Black"], stock=2, image_id=front.pk,
        compare_at_price="120.00", barcode="4006381333931", weight_grams=900,
    )  # fmt: skip
    make_variant(product, "80.00", sku="BOOT-42", option_values=["42", "Black"])
    gone = make_variant(product, "1.00", sku="BOOT-43", option_values=["43", "Red"], stock=1)
    services.archive_variant(variant_id=gone.pk)
    services.set_product_status(product_id=product.pk, status="active")
    return product


def test_a_product_shows_all_that_can_be_bought_of_it(visitor, boot):
    front = boot.images.get(alt="Front")
    front_shown = {
        "url": front.file.url,
        "thumbnail_url": front.thumbnail.url,
        "width": 40,
        "height": 20,
        "alt": "Front",
        "is_primary": True,
    }

    shown = visitor.get("/products/boot").json()

    times = shown.pop("created_at"), shown.pop("updated_at")
    assert all(time.endswith("Z") for time in times)
    assert shown == {
        "slug": "boot",
        "title": "Boot",
        "description": "<p>Warm.</p>",
        "vendor": "Acme",
        "tags": ["winter"],
        "category": {"slug": "shoes", "name": "Shoes"},
        "currency": "NGN",
        "price_from": "80.00",
        "compare_at_price": None,
        "on_sale": True,
        "in_stock": True,
        "options": [
            {"name": "Size", "values": ["41", "42"]},
            {"name": "Colour", "values": ["Black"]},
        ],
        "variants": [
            {
                "sku": "BOOT-41",
                "title": "41 / Black",
                "options": [
                    {"name": "Size", "value": "41"},
                    {"name": "Colour", "value": "Black"},
                ],
                "price": "90.00",
                "compare_at_price": "120.00",
                "barcode": "4006381333931",
                "weight_grams": 900,
                "in_stock": True,
                "image": front_shown,
            },
            {
                "sku": "BOOT-42",
                "title": "42 / Black",
                "options": [
                    {"name": "Size", "value": "42"},
                    {"name": "Colour", "value": "Black"},
                ],
                "price": "80.00",
                "compare_at_price": None,
                "barcode": "",
                "weight_grams": 0,
                "in_stock": False,
                "image": None,
            },
        ],
        "images": [
            front_shown,
            {
                "url": "/static/catalog/placeholder.svg",
                "thumbnail_url": "/static/catalog/placeholder.svg",
                "width": None,
                "height": None,
                "alt": "",
                "is_primary": False,
            },
        ],
    }


def test_a_product_that_is_sold_as_it_is_has_no_options(visitor):
    make_product("Chair")

    shown = visitor.get("/products/chair").json()

    assert (shown["options"], shown["variants"][0]["options"]) == ([], [])
    assert (shown["variants"][0]["title"], shown["images"]) == ("", [])


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_for_sale_does_not_exist(visitor, boot, status):
    services.set_product_status(product_id=boot.pk, status=status)

    for path in ("/products/boot", "/products/boot/recommendations"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_product_without_a_variant_for_sale_does_not_exist(visitor):
    make_product("Chair", price=None)

    assert visitor.get("/products/chair").status_code == 404


@pytest.mark.parametrize("slug", ["nothing", "%00", "BOOT", "boot%20", "x" * 500])
def test_an_unknown_slug_is_a_404(visitor, boot, slug):
    assert visitor.get(f"/products/{slug}").status_code == 404


def recommended(visitor, slug):
    return [product["title"] for product in visitor.get(f"/products/{slug}/recommendations").json()]


def test_neighbours_come_first_then_what_shares_a_tag(visitor, boot):
    shoes = boot.category_id
    make_product("Scarf", tags=["winter", "wool"])
    make_product("Sandal", category_id=shoes)
    make_product("Sneaker", category_id=shoes, tags=["winter"])
    make_product("Sold out", category_id=shoes, stock=0)
    make_product("Lamp", tags=["home"])

    assert recommended(visitor, "boot") == ["Sneaker", "Sandal", "Scarf"]


def test_eight_are_recommended_at_most(visitor, boot):
    for number in range(5):
        make_product(f"Shoe {number}", category_id=boot.category_id)
        make_product(f"Scarf {number}", tags=["winter"])

    titles = recommended(visitor, "boot")

    assert titles == [f"Shoe {n}" for n in range(4, -1, -1)] + ["Scarf 4", "Scarf 3", "Scarf 2"]


def test_without_category_and_tags_there_is_nothing_to_go_by(visitor):
    make_product("Chair")
    make_product("Table")

    assert recommended(visitor, "chair") == []
