"""Correcting carrier and tracking number of a parcel that is on its way."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment
from tests.backoffice.shop import browser_of, nonce
from tests.fulfilment.packing import (
    deliver,
    everything,
    pack,
    paid,
    ready,
    ship,
)
from tests.orders.ordering import act, customer, problems, staff

OTHER = {"carrier": " DHL ", "tracking": "D-2"}


@pytest.fixture
def ada(db):
    return customer()


@pytest.fixture
def number(shirts, ada):
    return paid(("SHIRT", 5), total="8000.00", caller=ada)


@pytest.fixture
def packer(db):
    return staff(Role.LOGISTICS)


def correct(caller, parcel, **sent):
    return act(caller, f"/staff/shipments/{parcel}/tracking", {**OTHER, **sent})


def way(parcel):
    row = Shipment.objects.get(number=parcel)
    return row.carrier, row.tracking, row.version


def corrections(parcel):
    events = Shipment.objects.get(number=parcel).events.filter(kind="tracking_changed")
    return [(event.note, event.actor_label) for event in events.order_by("id")]


def in_transit(number):
    parcel = ship(number)
    services.mark_in_transit(number=parcel, at=clock.now())
    return parcel


def came_back(number):
    parcel = ship(number)
    services.return_to_sender(number=parcel, restock=None, at=clock.now())
    return parcel


def given_up(number):
    parcel = pack(number)
    services.cancel_shipment(number=parcel, at=clock.now())
    return parcel


@pytest.mark.parametrize("bring", [ship, in_transit])
def test_it_is_corrected_and_old_and_new_stay_written_down(number, packer, bring):
    parcel = bring(number)
    _, _, version = way(parcel)

    answer = correct(packer, parcel)

    assert answer.status_code == 200
    assert (answer.json()["carrier"], answer.json()["tracking"]) == ("DHL", "D-2")
    assert way(parcel) == ("DHL", "D-2", version + 1)
    assert corrections(parcel) == [("GIG GIG-1 → DHL D-2", "logistics@example.com")]


def test_its_customer_sees_the_new_one_and_not_who_corrected_it(number, ada, packer):
    parcel = ship(number)

    correct(packer, parcel)

    answer = ada.get(f"/orders/{number}/tracking")
    (seen,) = answer.json()["shipments"]
    assert (seen["carrier"], seen["tracking"]) == ("DHL", "D-2")
    assert b"GIG-1" not in answer.content
    assert b"logistics" not in answer.content


def test_a_tracking_number_can_be_taken_away(number, packer):
    parcel = ship(number)

    correct(packer, parcel, carrier="GIG", tracking="")

    assert way(parcel)[:2] == ("GIG", "")
    assert [note for note, _ in corrections(parcel)] == ["GIG GIG-1 → GIG"]


def test_the_same_again_changes_nothing(number, packer):
    parcel = ship(number)
    before = everything()

    answer = correct(packer, parcel, carrier="GIG", tracking="GIG-1")

    assert answer.status_code == 200
    assert everything() == before
    assert corrections(parcel) == []


@pytest.mark.parametrize("bring", [pack, ready, deliver, came_back, given_up])
def test_what_is_not_on_its_way_is_not_corrected(number, packer, bring):
    parcel = bring(number)
    before = everything()

    answer = correct(packer, parcel)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_on_its_way")
    assert everything() == before
    assert corrections(parcel) == []


def test_somebody_carries_it(number, packer):
    parcel = ship(number)

    answer = correct(packer, parcel, carrier=" ")

    assert answer.status_code == 400
    assert [name for name, _ in problems(answer)] == ["carrier"]
    assert way(parcel)[:2] == ("GIG", "GIG-1")


def test_a_button_corrects_it_and_the_orders_story_tells_of_it(number):
    parcel = Shipment.objects.get(number=ship(number))
    browser = browser_of(role=Role.OPERATIONS)
    page = f"/admin/fulfilment/shipment/{parcel.pk}/tracking/"
    form = dict(browser.get(page).context["form"].initial)
    assert form == {"carrier": "GIG", "tracking": "GIG-1", "shown": parcel.version}

    answer = browser.post(page, {**form, "tracking": "GIG-2", "nonce": nonce()})

    assert answer.status_code == 302
    assert way(parcel.number)[:2] == ("GIG", "GIG-2")
    story = browser.get(f"/admin/orders/order/{parcel.order_id}/change/").context["timeline"]
    assert story.steps[0].what == [
        f"Parcel {parcel.number} is followed otherwise: GIG GIG-1 → GIG GIG-2"
    ]


def test_of_two_tabs_the_second_is_refused(number, packer):
    parcel = Shipment.objects.get(number=ship(number))
    browser = browser_of(role=Role.OPERATIONS)
    page = f"/admin/fulfilment/shipment/{parcel.pk}/tracking/"
    form = dict(browser.get(page).context["form"].initial)
    correct(packer, parcel.number)

    answer = browser.post(page, {**form, "tracking": "GIG-2", "nonce": nonce()})

    assert answer.status_code == 412
    assert way(parcel.number)[:2] == ("DHL", "D-2")
