"""The address book: one's own, with one default at most."""

import threading

import pytest
from django.db import connections

from audit.models import AuditEntry
from mdv.accounts import services
from mdv.accounts.models import Address
from tests.accounts.conftest import Api
from tests.accounts.people import make_customer

HOME = {
    "label": "Home",
    "name": "Ada Obi",
    "phone": "0801 234 5678",
    "street": "12 Marina Road",
    "city": "Lagos",
    "state": "Lagos",
    "country": "NG",
}
WORK = {"name": "Ada Obi", "street": "1 Broad Street", "city": "Lagos", "country": "NG"}


def add(who, body=HOME, **changes):
    return who.post("/auth/addresses", {**body, **changes})


def defaults(who):
    listed = who.get("/auth/addresses").json()["results"]
    return [address["street"] for address in listed if address["is_default"]]


def test_an_address_is_kept_as_given_and_found_where_the_answer_says(as_ada):
    answer = add(as_ada)

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/auth/addresses/{body['id']}"
    assert {**HOME, "is_default": False}.items() <= body.items()
    assert set(body) == {*HOME, "id", "is_default", "created_at"}
    assert as_ada.get(f"/auth/addresses/{body['id']}").json() == body


def test_the_list_has_ones_own_addresses_the_oldest_first(as_ada, as_bob):
    add(as_ada)
    add(as_bob, street="99 Other Street")
    add(as_ada, WORK)

    answer = as_ada.get("/auth/addresses")

    assert answer.status_code == 200
    assert answer.json()["next"] is None
    streets = [address["street"] for address in answer.json()["results"]]
    assert streets == ["12 Marina Road", "1 Broad Street"]


def test_the_list_is_paged(as_ada):
    for number in range(3):
        add(as_ada, street=f"{number} Marina Road")

    first = as_ada.get("/auth/addresses?page_size=2").json()
    second = as_ada.client.get(
        first["next"], headers={"Authorization": f"Bearer {as_ada.token}"}
    ).json()

    streets = [address["street"] for address in first["results"] + second["results"]]
    assert streets == ["0 Marina Road", "1 Marina Road", "2 Marina Road"]


def test_a_new_default_takes_the_place_of_the_old_one(as_ada):
    add(as_ada, is_default=True)
    work = add(as_ada, WORK, is_default=True).json()

    assert defaults(as_ada) == ["1 Broad Street"]

    as_ada.patch(f"/auth/addresses/{work['id']}", {"is_default": False})

    assert defaults(as_ada) == []


def test_an_address_can_become_the_default_later(as_ada, ada):
    home = add(as_ada).json()
    add(as_ada, WORK, is_default=True)

    answer = as_ada.patch(f"/auth/addresses/{home['id']}", {"is_default": True})

    assert answer.json()["is_default"] is True
    assert defaults(as_ada) == ["12 Marina Road"]
    changes = [entry.changes for entry in AuditEntry.objects.filter(event="changed").order_by("id")]
    assert changes[-2:] == [{"is_default": ["true", "false"]}, {"is_default": ["false", "true"]}]


def test_only_what_is_sent_is_changed(as_ada):
    home = add(as_ada, is_default=True).json()

    answer = as_ada.patch(f"/auth/addresses/{home['id']}", {"city": "Abuja"})

    assert answer.status_code == 200
    assert answer.json() == {**home, "city": "Abuja"}


def test_a_deleted_address_is_gone(as_ada):
    home = add(as_ada).json()

    answer = as_ada.delete(f"/auth/addresses/{home['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_ada.get(f"/auth/addresses/{home['id']}").status_code == 404
    assert as_ada.delete(f"/auth/addresses/{home['id']}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_strangers_address_does_not_exist(as_ada, as_bob, method):
    home = add(as_ada).json()
    body = {"city": "Abuja"} if method == "PATCH" else None

    answer = as_bob(method, f"/auth/addresses/{home['id']}", body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert as_ada.get(f"/auth/addresses/{home['id']}").json() == home


def test_a_strangers_default_stays_when_one_sets_ones_own(as_ada, as_bob):
    add(as_bob, is_default=True)

    add(as_ada, WORK, is_default=True)

    assert defaults(as_bob) == ["12 Marina Road"]
    assert defaults(as_ada) == ["1 Broad Street"]


def test_the_fifty_first_address_is_refused(as_ada, ada):
    for number in range(49):
        services.add_address(user=ada, fields={**WORK, "street": str(number)})

    fiftieth = add(as_ada)
    refused = add(as_ada, WORK, is_default=True)

    assert fiftieth.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_addresses")
    assert Address.objects.filter(user=ada).count() == 50
    assert defaults(as_ada) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"country": "ng"}, "country", "country"),
        ({"country": "Nigeria"}, "country", "country"),
        ({"is_default": "yes"}, "is_default", "invalid"),
        ({"is_default": 1}, "is_default", "invalid"),
        ({"is_default": None}, "is_default", "null"),
        ({"street": ""}, "street", "blank"),
        ({"street": "1 Road\nSecond line"}, "street", "control_characters"),
        ({"street": ["1 Road"]}, "street", "invalid"),
        ({"city": {"name": "Lagos"}}, "city", "invalid"),
        ({"id": "00000000-0000-4000-8000-000000000000"}, "id", "unknown_field"),
        ({"user": 1}, "user", "unknown_field"),
    ],
)
def test_what_cannot_be_an_address_is_refused(as_ada, changes, field, code):
    home = add(as_ada).json()

    refusals = [add(as_ada, **changes), as_ada.patch(f"/auth/addresses/{home['id']}", changes)]

    for refused in refusals:
        assert refused.status_code == 400
        assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [(field, code)]
    assert as_ada.get("/auth/addresses").json()["results"] == [home]


@pytest.mark.django_db(transaction=True)
def test_of_eight_defaults_at_once_exactly_one_is_left_and_nobody_is_refused():
    make_customer()
    hers = Api()
    hers.log_in()
    gate = threading.Barrier(8)
    answers = []

    def add_default(number):
        gate.wait()
        answers.append(add(hers, WORK, street=f"{number} Road", is_default=True).status_code)
        connections.close_all()

    threads = [threading.Thread(target=add_default, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [201] * 8
    assert Address.objects.filter(is_default=True).count() == 1
