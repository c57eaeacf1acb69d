"""Keeping pictures over the API: uploads, addresses, order, the primary one."""

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from shop.catalog import services
from shop.catalog.models import ProductImage
from shop.catalog.services.pictures import MAX_UPLOAD_BYTES
from tests.catalog.shelf import make_product, picture

pytestmark = pytest.mark.django_db

IMAGES = "/staff/products/boot/images"
SOURCE = "https://pictures.example.com/boot.png"


@pytest.fixture(autouse=True)
def boot():
    return make_product("Boot")


def file(content=None, name="photo.png", kind="image/png"):
    return SimpleUploadedFile(name, picture() if content is None else content, kind)


def test_a_picture_is_uploaded(staff):
    answer = staff.upload(IMAGES, {"file": file(), "alt": "Front"})

    shown = answer.json()
    image = ProductImage.objects.get()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"/api/v1/staff/images/{image.pk}"
    assert shown == {
        "id": image.pk,
        "url": image.file.url,
        "thumbnail_url": image.thumbnail.url,
        "width": 40,
        "height": 20,
        "alt": "Front",
        "position": 0,
        "is_primary": True,
        "source_url": "",
        "fetch_problem": "",
        "version": 1,
    }


def test_neither_name_nor_type_of_an_upload_is_believed(staff):
    answer = staff.upload(IMAGES, {"file": file(name="../../x.html", kind="text/html")})

    assert answer.status_code == 201
    assert "html" not in answer.json()["url"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"file": file(b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "not_a_picture"),
        ({"file": file(b"MZ" + b"\x00" * 99)}, "not_a_picture"),
        ({"file": file(picture()[:60])}, "not_a_picture"),
        ({"file": file(b"\x00" * (MAX_UPLOAD_BYTES + 1))}, "picture_too_large"),
        ({"file": file(b"")}, "invalid"),
        ({"file": "text"}, "invalid"),
        ({}, "invalid"),
        ({"file": file(), "more": "x"}, "invalid"),
    ],
    ids=["svg", "program", "cut off", "too large", "empty", "text", "nothing", "unknown field"],
)
def test_what_is_no_picture_is_refused(staff, media, fields, code):
    answer = staff.upload(IMAGES, fields)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not ProductImage.objects.exists()
    assert not media.exists() or not any(path.is_file() for path in media.rglob("*"))


def test_a_body_that_cannot_be_a_picture_is_not_even_read(staff):
    answer = staff.upload(IMAGES, {"file": file(b"\x00" * (MAX_UPLOAD_BYTES + 100_000))})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not ProductImage.objects.exists()


def test_other_kinds_of_bodies_are_refused(staff):
    answer = staff.client.post(
        f"/api/v1{IMAGES}", b"<x/>", content_type="application/xml", headers=staff.headers
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_address_is_kept_and_a_job_is_to_fetch_it(staff):
    answer = staff.send("POST", IMAGES, {"source_url": SOURCE, "alt": "Front"})

    shown = answer.json()
    assert (answer.status_code, shown["source_url"]) == (201, SOURCE)
    assert shown["url"] == "/static/catalog/placeholder.svg"
    assert ProcrastinateJob.objects.get().task_name == "catalog.fetch_image"


@pytest.mark.parametrize(
    "kind",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"],
)
def test_json_is_json_whatever_is_said_beside_it(staff, kind):
    body = orjson.dumps({"source_url": SOURCE})

    answer = staff.client.post(f"/api/v1{IMAGES}", body, content_type=kind, headers=staff.headers)

    assert (answer.status_code, answer.json()["source_url"]) == (201, SOURCE)


@pytest.mark.parametrize("address", ["", "boot.png", "ftp://x.example/a.png", "javascript:x", 5])
def test_what_is_no_address_is_refused(staff, address):
    answer = staff.send("POST", IMAGES, {"source_url": address})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "source_url"
    assert not ProductImage.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_the_same_address_twice_is_a_conflict(staff):
    staff.send("POST", IMAGES, {"source_url": SOURCE})

    answer = staff.send("POST", IMAGES, {"source_url": SOURCE})

    assert (answer.status_code, answer.json()["code"]) == (
        409,
        "image_source_is_unique_within_product",
    )
    assert ProductImage.objects.count() == 1


def test_an_image_is_described_moved_made_primary_and_removed(staff, boot):
    first = services.add_image(product_id=boot.pk, content=picture())
    second = services.add_image(product_id=boot.pk, content=picture())
    path = f"/staff/images/{second.pk}"

    changed = staff.patch(path, {"alt": "Back", "position": 7})
    primary = staff.send("POST", f"{path}/primary")
    listed = staff.get(IMAGES).json()["results"]
    removed = staff.send("DELETE", path)

    assert (changed.json()["alt"], changed.json()["position"]) == ("Back", 7)
    assert (primary.status_code, primary.json()["is_primary"]) == (200, True)
    assert [(image["id"], image["is_primary"]) for image in listed] == [
        (first.pk, False),
        (second.pk, True),
    ]
    assert removed.status_code == 204
    assert staff.get(f"/staff/images/{first.pk}").json()["is_primary"]
    assert staff.get(path).status_code == 404


def test_a_change_of_an_image_needs_the_version_that_was_seen(staff, boot):
    image = services.add_image(product_id=boot.pk, content=picture(), alt="Front")
    path = f"/staff/images/{image.pk}"

    missing = staff.send("PATCH", path, {"alt": "x"})
    stale = staff.send("PATCH", path, {"alt": "x"}, **{"If-Match": '"7"'})

    assert (missing.status_code, stale.status_code) == (428, 412)
    assert ProductImage.objects.get().alt == "Front"


@pytest.mark.parametrize("image_id", ["12345", "99999999999999999999999", "x", "-1"])
def test_an_unknown_image_is_a_404(staff, image_id):
    assert staff.get(f"/staff/images/{image_id}").status_code == 404
    assert staff.send("POST", f"/staff/images/{image_id}/primary").status_code == 404
    assert staff.send("DELETE", f"/staff/images/{image_id}").status_code == 404
