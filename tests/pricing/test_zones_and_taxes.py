"""Where we deliver and what is taxed there."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from mdv.kernel.errors import Invalid
from shop.orders.models import Order
from shop.pricing import services
from shop.pricing.calculation import BasketLine
from shop.pricing.models import ShippingZone, TaxRate
from shop.pricing.services import Destination, NotDeliverable, quote_basket
from tests.orders.ordering import deliver_everywhere, guest, order_of, place, sell

pytestmark = pytest.mark.django_db

LAGOS_ZONE = {"name": "Lagos", "states": ["Lagos", " lagos "], "fee": "500.00"}


def quoted(**destination):
    basket = [BasketLine(unit_price=Decimal(1000), list_price=Decimal(1000), quantity=1)]
    return quote_basket(lines=basket, coupon=None, destination=Destination(**destination))


@pytest.fixture
def two_zones():
    services.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(500))
    services.create_zone(name="Elsewhere", fee=Decimal(900), is_default=True)


@pytest.mark.parametrize(
    ("destination", "fee"),
    [
        ({"country": "NG", "state": "  LAGOS "}, "500.00"),
        ({"state": "lagos"}, "500.00"),
        ({"country": "NG", "state": "Kano"}, "900.00"),
        ({"is_pickup": True}, "0.00"),
    ],
)
def test_the_zone_that_names_the_state_decides_else_the_default(two_zones, destination, fee):
    assert quoted(**destination).price.shipping_total == Decimal(fee)


def test_without_a_zone_and_a_default_nothing_is_delivered_but_can_be_collected():
    services.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(500))

    with pytest.raises(NotDeliverable):
        quoted(country="NG", state="Kano")
    assert quoted(is_pickup=True).zone is None


@pytest.mark.parametrize("country", ["GH", "DE"])
def test_the_default_zone_ends_at_the_border(two_zones, country):
    with pytest.raises(NotDeliverable):
        quoted(country=country, state="Lagos")


@pytest.mark.parametrize(
    ("country", "state", "zone"),
    [
        ("NG", "Lagos", "Lagos"),
        ("GH", "Accra", "Accra"),
        ("GH", "Kumasi", "Next door"),
        ("BJ", "", "Next door"),
        ("NG", "Kano", "Elsewhere"),
        ("TG", "Lagos", "Elsewhere"),
    ],
)
def test_a_zone_takes_its_states_or_all_of_its_countries(country, state, zone):
    services.create_zone(name="Elsewhere", countries=["NG", "TG"], fee=Decimal(9), is_default=True)
    services.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(1))
    services.create_zone(name="Accra", states=["Accra"], countries=["GH"], fee=Decimal(2))
    services.create_zone(name="Next door", countries=["GH", "BJ"], fee=Decimal(3))

    found = quoted(country=country, state=state).zone

    assert found is not None
    assert found.name == zone


def test_the_same_name_of_a_state_in_two_countries_can_have_two_zones():
    services.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(1))
    services.create_zone(name="Algarve", states=["Lagos"], countries=["PT"], fee=Decimal(2))

    with pytest.raises(Invalid) as refused:
        services.create_zone(name="Both", states=["Lagos"], countries=["PT", "NG"], fee=Decimal(3))

    assert [(p.field, p.code) for p in refused.value.problems] == [("states", "in_another_zone")]
    assert ShippingZone.objects.count() == 2


def test_a_whole_country_has_one_zone(supervisor):
    services.create_zone(name="Next door", countries=["GH", "BJ"], fee=Decimal(3))

    answer = supervisor.send(
        "POST", "/staff/zones", {"name": "Ghana", "countries": ["GH"], "fee": "4.00"}
    )

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("countries", "in_another_zone")
    ]
    assert ShippingZone.objects.count() == 1


def test_the_database_itself_refuses_a_country_that_is_none():
    with pytest.raises(IntegrityError, match="zone_countries_are_two_capital_letters"):
        ShippingZone.objects.create(name="Odd", countries=["n1"], fee=1)


def test_an_order_for_abroad_is_refused_where_nobody_delivers():
    sell()
    deliver_everywhere()
    body = order_of(("SHIRT", 1), total="2000.00")
    body["shipping_address"] = {**body["shipping_address"], "country": "DE"}

    refused = place(guest(), body)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_deliverable")
    assert not Order.objects.exists()


def test_a_zone_that_is_switched_off_is_not_delivered_to():
    zone = services.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(500))
    services.update_zone(zone_id=zone.pk, is_active=False)

    with pytest.raises(NotDeliverable):
        quoted(country="NG", state="Lagos")


@pytest.mark.parametrize(
    ("destination", "tax"),
    [
        ({"country": "NG", "state": "Lagos", "is_pickup": True}, "100.00"),
        ({"country": "NG", "state": "Kano", "is_pickup": True}, "50.00"),
        ({"is_pickup": True}, "50.00"),
        ({"country": "GH", "is_pickup": True}, "0.00"),
    ],
)
def test_the_rate_of_the_state_decides_else_that_of_the_country(destination, tax):
    services.create_tax_rate(country="NG", percent=Decimal(5), is_included=False)
    services.create_tax_rate(country="NG", state="Lagos", percent=Decimal(10), is_included=False)

    assert quoted(**destination).price.tax_total == Decimal(tax)


def test_a_new_zone_keeps_its_states_in_small_letters_and_once(supervisor):
    answer = supervisor.send("POST", "/staff/zones", LAGOS_ZONE)

    assert answer.status_code == 201
    assert (answer.json()["states"], answer.json()["countries"]) == (["lagos"], [])
    assert (answer.json()["fee"], answer.json()["free_over"]) == ("500.00", None)
    assert supervisor.get(answer["Location"].removeprefix("/api/v1")).json() == answer.json()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"fee": "-1.00"}, "fee", "min_value"),
        ({"fee": 500}, "fee", "invalid"),
        ({"free_over": "x"}, "free_over", "invalid"),
        ({"states": "lagos"}, "states", "not_a_list"),
        ({"states": ["a" * 101]}, "states.0", "max_length"),
        ({"countries": ["NG", "ZZ"]}, "countries.1", "country"),
        ({"countries": "NG"}, "countries", "not_a_list"),
        ({"speed": "fast"}, "speed", "unknown_field"),
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(supervisor, changes, field, code):
    answer = supervisor.send("POST", "/staff/zones", {**LAGOS_ZONE, **changes})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert not ShippingZone.objects.exists()


def test_a_state_has_one_zone(supervisor):
    supervisor.send("POST", "/staff/zones", LAGOS_ZONE)

    answer = supervisor.send("POST", "/staff/zones", {**LAGOS_ZONE, "name": "Also Lagos"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "in_another_zone"
    assert ShippingZone.objects.count() == 1


def test_there_is_one_default_zone(supervisor):
    deliver_everywhere()

    answer = supervisor.send(
        "POST", "/staff/zones", {"name": "Other", "fee": "1.00", "is_default": True}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "one_default_shipping_zone")
    assert ShippingZone.objects.count() == 1


def test_a_zone_can_be_changed_from_the_version_that_was_read(supervisor):
    path = supervisor.send("POST", "/staff/zones", LAGOS_ZONE)["Location"].removeprefix("/api/v1")

    changed = supervisor.patch(path, {"fee": "650.00", "free_over": "20000.00"})
    stale = supervisor.send("PATCH", path, {"fee": "1.00"}, **{"If-Match": '"1"'})

    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert stale.status_code == 412
    assert ShippingZone.objects.get().fee == Decimal("650.00")


def test_a_zone_that_an_order_went_to_is_kept(supervisor):
    sell()
    zone = deliver_everywhere()
    unused = services.create_zone(name="Unused", fee=Decimal(1))
    assert place(guest(), order_of(("SHIRT", 1), total="2000.00")).status_code == 201

    refused = supervisor.send("DELETE", f"/staff/zones/{zone.pk}")
    deleted = supervisor.send("DELETE", f"/staff/zones/{unused.pk}")

    assert (refused.status_code, refused.json()["code"]) == (409, "protected")
    assert deleted.status_code == 204
    assert list(ShippingZone.objects.all()) == [zone]


def test_a_tax_rate_is_a_string_of_percent(supervisor):
    answer = supervisor.send("POST", "/staff/tax-rates", {"country": "NG", "percent": "7.50"})

    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["country"], shown["state"], shown["percent"]) == ("NG", "", "7.50")
    assert shown["is_included"] is True


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"country": "Nigeria"}, "country", "country"),
        ({"country": "ng"}, "country", "country"),
        ({"country": "ZZ"}, "country", "country"),
        ({"percent": "100.01"}, "percent", "max_value"),
        ({"percent": "-1"}, "percent", "min_value"),
        ({"percent": 7.5}, "percent", "invalid"),
        ({"percent": "7.505"}, "percent", "invalid"),
    ],
)
def test_a_tax_rate_that_makes_no_sense_is_refused(supervisor, changes, field, code):
    body = {"country": "NG", "percent": "7.50", **changes}

    answer = supervisor.send("POST", "/staff/tax-rates", body)

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert not TaxRate.objects.exists()


def test_a_place_has_one_tax_rate(supervisor):
    body = {"country": "NG", "state": "Lagos", "percent": "5"}
    supervisor.send("POST", "/staff/tax-rates", body)

    answer = supervisor.send("POST", "/staff/tax-rates", {**body, "state": "LAGOS "})

    assert (answer.status_code, answer.json()["code"]) == (409, "one_tax_rate_per_place")
    assert TaxRate.objects.count() == 1


def test_a_tax_rate_can_be_changed_and_deleted_and_orders_keep_theirs(supervisor):
    sell()
    deliver_everywhere()
    path = supervisor.send("POST", "/staff/tax-rates", {"country": "NG", "percent": "10"})[
        "Location"
    ].removeprefix("/api/v1")
    placed = place(guest(), order_of(("SHIRT", 1), total="2000.00")).json()

    changed = supervisor.patch(path, {"percent": "5.00"})
    deleted = supervisor.send("DELETE", path)

    assert (changed.status_code, deleted.status_code) == (200, 204)
    now = supervisor.get(f"/staff/orders/{placed['number']}").json()
    assert placed["tax_total"] == now["tax_total"] == "136.36"
