"""Uploaded pictures over HTTP: shown as pictures, and nothing else is shown."""

from pathlib import Path

import pytest
from django.test import Client

from shop.catalog import services
from tests.catalog.shelf import make_product, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def image():
    return services.add_image(product_id=make_product().pk, content=picture())


def test_a_picture_is_sent_as_a_picture_that_may_be_kept_for_good(image):
    answer = Client().get(image.file.url)

    assert answer.status_code == 200
    assert answer.getvalue() == Path(image.file.path).read_bytes()
    assert {name: answer[name] for name in EXPECTED} == EXPECTED
    assert answer["Content-Disposition"].startswith("inline; filename=")
    answer.close()


EXPECTED = {
    "Content-Type": "image/webp",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def test_the_thumbnail_is_served_beside_it(image):
    answer = Client().get(image.thumbnail.url)

    assert answer.getvalue() == Path(image.thumbnail.path).read_bytes()
    answer.close()


SOMETHING = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "path",
    [
        f"/media/products/{SOMETHING}.webp",
        "/media/",
        "/media/products/",
        "/media/secret.txt",
        "/media/products/secret.txt",
        "/media/exports/orders.csv",
        "/media/products/../secret.txt",
        "/media/products/%2e%2e/secret.txt",
        "/media/products/..%2fsecret.txt",
        "/media//etc/passwd",
        f"/media/products/{SOMETHING}.webp%00",
        f"/media/products/{SOMETHING}.webp%0a",
        f"/media/products/{SOMETHING}.html",
        f"/media/products/{SOMETHING.upper()}.webp",
    ],
)
def test_nothing_else_is_served(media, path):
    for name in ("secret.txt", "products/secret.txt", "exports/orders.csv"):
        file = Path(media, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")

    answer = Client().get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_pictures_are_only_read(image):
    head = Client().head(image.file.url)

    assert (head.status_code, head["Content-Type"]) == (200, "image/webp")
    assert Client().post(image.file.url).status_code == 405
    head.close()
