"""Keeping variants over the API."""

import pytest

from shop.catalog import services
from shop.catalog.models import Variant
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db

VARIANTS = "/staff/products/boot/variants"


@pytest.fixture(autouse=True)
def boot():
    return services.create_product(title="Boot", option_names=["Size"])


def refusals(answer):
    assert answer.status_code == 400, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_variant_is_created_with_its_address_and_version(staff, boot):
    image = services.add_image(product_id=boot.pk, content=picture())

    answer = staff.send(
        "POST",
        VARIANTS,
        {
            "sku": "BOOT-41",
            "option_values": ["41"],
            "price": "90.00",
            "compare_at_price": "120.5",
            "barcode": "4006381333931",
            "weight_grams": 900,
            "image": image.pk,
        },
    )

    shown = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == "/api/v1/staff/variants/BOOT-41"
    assert shown.pop("updated_at")
    assert shown == {
        "sku": "BOOT-41",
        "option_values": ["41"],
        "price": "90.00",
        "compare_at_price": "120.50",
        "currency": "NGN",
        "barcode": "4006381333931",
        "weight_grams": 900,
        "position": 0,
        "image": image.pk,
        "is_archived": False,
        "in_stock": False,
        "version": 1,
    }


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"price": None}, ("price", "null")),
        ({"price": 90}, ("price", "invalid")),
        ({"price": 90.5}, ("price", "invalid")),
        ({"price": "90.005"}, ("price", "invalid")),
        ({"price": "-1.00"}, ("price", "min_value")),
        ({"price": "100000000.00"}, ("price", "max_value")),
        ({"price": "NaN"}, ("price", "invalid")),
        ({"compare_at_price": "90.00"}, ("compare_at_price", "not_above_price")),
        ({"option_values": []}, ("option_values", "one_per_option")),
        ({"option_values": ["41", "Red"]}, ("option_values", "one_per_option")),
        ({"sku": "two words"}, ("sku", "invalid")),
        ({"sku": "low"}, ("sku", "reserved")),
        ({"weight_grams": "900"}, ("weight_grams", "invalid")),
        ({"weight_grams": -1}, ("weight_grams", "min_value")),
        ({"position": 10_001}, ("position", "max_value")),
        ({"image": 12345}, ("image", "invalid")),
        ({"in_stock": True}, ("in_stock", "unknown_field")),
    ],
)
def test_what_makes_no_sense_is_refused(staff, body, refusal):
    sound = {"option_values": ["41"], "price": "90.00"}

    assert refusal in refusals(staff.send("POST", VARIANTS, {**sound, **body}))
    assert not Variant.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"sku": "BOOT-41", "option_values": ["42"]}, "sku_is_unique"),
        ({"option_values": ["41"]}, "variant_options_are_unique_within_product"),
    ],
)
def test_what_is_there_already_is_a_conflict(staff, boot, body, code):
    make_variant(boot, sku="BOOT-41", option_values=["41"])

    answer = staff.send("POST", VARIANTS, {"price": "90.00", **body})

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert Variant.objects.count() == 1


def test_a_price_is_changed_for_the_version_that_was_seen(staff, boot):
    make_variant(boot, "90.00", sku="BOOT-41", option_values=["41"])
    etag = staff.get("/staff/variants/BOOT-41")["ETag"]

    first = staff.send("PATCH", "/staff/variants/BOOT-41", {"price": "80.00"}, **{"If-Match": etag})
    second = staff.send(
        "PATCH", "/staff/variants/BOOT-41", {"price": "70.00"}, **{"If-Match": etag}
    )
    third = staff.send("PATCH", "/staff/variants/BOOT-41", {"price": "70.00"})

    assert (first.status_code, first.json()["price"], first["ETag"]) == (200, "80.00", '"2"')
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert second.json()["changes"][0]["fields"] == ["price"]
    assert (third.status_code, third.json()["code"]) == (428, "precondition_required")
    assert str(Variant.objects.get().price) == "80.00"


def test_a_variant_is_archived_and_sold_again(staff, boot):
    make_variant(boot, sku="BOOT-41", option_values=["41"])

    archived = staff.send("POST", "/staff/variants/BOOT-41/archive")
    again = staff.send("POST", "/staff/variants/BOOT-41/archive")
    restored = staff.send("POST", "/staff/variants/BOOT-41/restore")

    assert (archived.json()["is_archived"], archived.json()["version"]) == (True, 2)
    assert again.json()["version"] == 2
    assert (restored.json()["is_archived"], restored["ETag"]) == (False, '"3"')


def test_what_had_stock_is_not_deleted_and_what_had_none_is(staff, boot):
    make_variant(boot, sku="BOOT-41", option_values=["41"], stock=1)
    make_variant(boot, sku="BOOT-42", option_values=["42"])

    kept = staff.send("DELETE", "/staff/variants/BOOT-41")
    gone = staff.send("DELETE", "/staff/variants/BOOT-42")

    assert (kept.status_code, kept.json()["code"]) == (409, "protected")
    assert gone.status_code == 204
    assert [variant.sku for variant in Variant.objects.all()] == ["BOOT-41"]


def test_the_variants_of_a_product_are_listed_in_their_order(staff, boot):
    make_variant(boot, sku="B", option_values=["42"], position=2)
    make_variant(boot, sku="A", option_values=["41"], position=1)
    make_product("Other")
    gone = make_variant(boot, sku="C", option_values=["43"], position=3)
    services.archive_variant(variant_id=gone.pk)

    answer = staff.get(VARIANTS)

    assert [variant["sku"] for variant in answer.json()["results"]] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/staff/variants/NOTHING"),
        ("GET", "/staff/variants/%00"),
        ("PATCH", "/staff/variants/NOTHING"),
        ("DELETE", "/staff/variants/NOTHING"),
        ("POST", "/staff/variants/NOTHING/archive"),
        ("GET", "/staff/products/nothing/variants"),
        ("POST", "/staff/products/nothing/variants"),
    ],
)
def test_what_is_not_there_is_a_404(staff, method, path):
    assert staff.send(method, path, {}, **{"If-Match": '"1"'}).status_code == 404
