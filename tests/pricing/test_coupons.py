"""Staff keep coupons: what a coupon gives is fixed once somebody has used it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.kernel import clock
from shop.pricing import services
from shop.pricing.models import Coupon
from tests.orders.ordering import deliver_everywhere, guest, order_of, place, sell

pytestmark = pytest.mark.django_db

TEN_PERCENT = {"code": "ten", "kind": "percent", "value": "10.00"}


def used_coupon():
    """A coupon that one order uses."""
    sell()
    deliver_everywhere()
    coupon = services.create_coupon(code="TEN", kind="percent", value=Decimal("10.00"))
    body = order_of(("SHIRT", 1), total="1850.00", coupon="TEN")
    assert place(guest(), body).status_code == 201
    return coupon


def test_a_new_coupon_is_kept_in_capitals_and_shown_where_its_location_says(supervisor):
    answer = supervisor.send("POST", "/staff/coupons", TEN_PERCENT)

    assert answer.status_code == 201
    assert answer["Location"] == "/api/v1/staff/coupons/TEN"
    assert answer["ETag"] == '"1"'
    assert answer.json() == {
        "code": "TEN",
        "kind": "percent",
        "value": "10.00",
        "starts_at": None,
        "ends_at": None,
        "min_subtotal": "0.00",
        "limit_total": None,
        "limit_per_customer": None,
        "used_count": 0,
        "excludes_sale_items": True,
        "is_active": True,
        "currency": "NGN",
    }
    assert supervisor.get("/staff/coupons/ten").json() == answer.json()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"code": "Ä"}, "code", "invalid"),
        ({"code": ""}, "code", "blank"),
        ({"kind": "gift"}, "kind", "invalid_choice"),
        ({"value": "0.00"}, "value", "out_of_range"),
        ({"value": "100.01"}, "value", "out_of_range"),
        ({"value": "-1.00"}, "value", "min_value"),
        ({"value": 10}, "value", "invalid"),
        ({"value": "10.005"}, "value", "invalid"),
        ({"kind": "shipping"}, "value", "not_allowed"),
        ({"kind": "fixed", "value": "0.00"}, "value", "out_of_range"),
        ({"limit_total": 0}, "limit_total", "min_value"),
        ({"limit_total": "5"}, "limit_total", "invalid"),
        ({"limit_per_customer": 1.5}, "limit_per_customer", "invalid"),
        ({"is_active": 1}, "is_active", "invalid"),
        ({"used_count": 3}, "used_count", "unknown_field"),
        (
            {"starts_at": "2027-02-01T00:00:00Z", "ends_at": "2027-02-01T00:00:00Z"},
            "ends_at",
            "not_after_start",
        ),
        ({"starts_at": "soon"}, "starts_at", "invalid"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(supervisor, changes, field, code):
    answer = supervisor.send("POST", "/staff/coupons", {**TEN_PERCENT, **changes})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert not Coupon.objects.exists()


def test_a_code_is_given_once(supervisor):
    supervisor.send("POST", "/staff/coupons", TEN_PERCENT)

    answer = supervisor.send("POST", "/staff/coupons", {**TEN_PERCENT, "code": "TEN"})

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_code_is_unique")
    assert Coupon.objects.count() == 1


def test_a_change_without_the_version_that_it_is_meant_for_is_refused(supervisor):
    supervisor.send("POST", "/staff/coupons", TEN_PERCENT)

    answer = supervisor.send("PATCH", "/staff/coupons/TEN", {"is_active": False})

    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert Coupon.objects.get().is_active


def test_the_second_of_two_people_learns_what_the_first_changed(supervisor):
    etag = supervisor.send("POST", "/staff/coupons", TEN_PERCENT)["ETag"]
    supervisor.patch("/staff/coupons/TEN", {"limit_total": 7})

    answer = supervisor.send(
        "PATCH", "/staff/coupons/TEN", {"is_active": False}, **{"If-Match": etag}
    )

    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert [change["fields"] for change in answer.json()["changes"]] == [["limit_total"]]
    assert Coupon.objects.get().is_active


def test_an_unused_coupon_can_be_changed_in_every_way(supervisor):
    supervisor.send("POST", "/staff/coupons", TEN_PERCENT)

    answer = supervisor.patch(
        "/staff/coupons/TEN", {"code": "five", "kind": "fixed", "value": "5.00"}
    )

    assert answer.status_code == 200
    assert answer["ETag"] == '"2"'
    assert (answer.json()["code"], answer.json()["kind"]) == ("FIVE", "fixed")


@pytest.mark.parametrize(
    "changes",
    [{"value": "20.00"}, {"kind": "fixed"}, {"code": "OTHER"}, {"excludes_sale_items": False}],
)
def test_what_a_used_coupon_gives_stays_as_it_is(supervisor, changes):
    used_coupon()

    answer = supervisor.patch("/staff/coupons/TEN", changes)

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_in_use")
    assert supervisor.get("/staff/coupons/TEN").json()["value"] == "10.00"


def test_a_used_coupon_can_be_switched_off_and_limited(supervisor):
    used_coupon()

    answer = supervisor.patch("/staff/coupons/TEN", {"is_active": False, "limit_total": 1})

    assert answer.status_code == 200
    assert (answer.json()["is_active"], answer.json()["used_count"]) == (False, 1)


def test_a_limit_below_what_is_used_already_is_refused(supervisor):
    coupon = used_coupon()
    Coupon.objects.filter(pk=coupon.pk).update(used_count=2)

    answer = supervisor.patch("/staff/coupons/TEN", {"limit_total": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_limit_below_use")
    assert Coupon.objects.get().limit_total is None


def test_an_unused_coupon_can_be_deleted_and_a_used_one_never(supervisor):
    services.create_coupon(code="UNUSED", kind="shipping")
    used_coupon()

    unused = supervisor.send("DELETE", "/staff/coupons/UNUSED")
    used = supervisor.send("DELETE", "/staff/coupons/TEN")

    assert unused.status_code == 204
    assert (used.status_code, used.json()["code"]) == (409, "protected")
    assert list(Coupon.objects.values_list("code", flat=True)) == ["TEN"]


def test_a_coupon_that_does_not_exist_is_a_404(supervisor):
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"is_active": False})):
        answer = supervisor.send(method, "/staff/coupons/NONE", body, **{"If-Match": '"1"'})
        assert answer.status_code == 404


def test_the_list_is_newest_first_and_can_be_narrowed(supervisor):
    services.create_coupon(code="OLD", kind="shipping", is_active=False)
    services.create_coupon(code="NEW", kind="percent", value=Decimal(5))

    everything = supervisor.get("/staff/coupons").json()
    active = supervisor.get("/staff/coupons?is_active=true").json()
    shipping = supervisor.get("/staff/coupons?kind=shipping").json()

    assert [coupon["code"] for coupon in everything["results"]] == ["NEW", "OLD"]
    assert [coupon["code"] for coupon in active["results"]] == ["NEW"]
    assert [coupon["code"] for coupon in shipping["results"]] == ["OLD"]


@pytest.mark.parametrize("junk", ["is_active=yes", "kind=gift", "color=red", "page_size=0"])
def test_a_list_refuses_parameters_that_are_junk(supervisor, junk):
    assert supervisor.get(f"/staff/coupons?{junk}").status_code == 400


@pytest.mark.parametrize(
    ("fields", "at", "is_open"),
    [
        ({}, "2027-01-15", True),
        ({"is_active": False}, "2027-01-15", False),
        ({"starts_at": "2027-01-15"}, "2027-01-15", True),
        ({"starts_at": "2027-01-16"}, "2027-01-15", False),
        ({"ends_at": "2027-01-15"}, "2027-01-15", False),
        ({"ends_at": "2027-01-16"}, "2027-01-15", True),
    ],
)
def test_a_coupon_is_open_from_its_start_until_just_before_its_end(fields, at, is_open):
    moments = {
        name: _day(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    coupon = Coupon(code="X", kind="shipping", **moments)

    assert coupon.is_open(_day(at)) is is_open


def _day(text):
    return clock.now().replace(
        year=int(text[:4]),
        month=int(text[5:7]),
        day=int(text[8:]),
        hour=0,
        minute=0,
        second=0,
        microsecond=0,
    )


def test_releasing_a_use_twice_counts_once():
    coupon = services.create_coupon(code="TWO", kind="shipping")
    for number in ("M-1", "M-2"):
        services.redeem_coupon(coupon=coupon, customer_keys=["email:a@b.c"], order_number=number)

    services.release_coupon(coupon_id=coupon.pk, order_number="M-1")
    services.release_coupon(coupon_id=coupon.pk, order_number="M-1")

    assert Coupon.objects.get().used_count == 1


def test_the_limit_per_customer_counts_that_customer_alone():
    coupon = services.create_coupon(code="ONCE", kind="shipping", limit_per_customer=1)
    services.redeem_coupon(coupon=coupon, customer_keys=["user:1"], order_number="M-1")
    check = {"subtotal": Decimal(1), "at": clock.now() + timedelta(seconds=1)}

    services.check_coupon(coupon, customer_keys=["user:2"], **check)
    with pytest.raises(services.CouponExhausted):
        services.check_coupon(coupon, customer_keys=["user:1"], **check)
