"""The doors to parcels: what staff and customers send and get."""

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.fulfilment import services
from shop.stock.models import StockMovement
from tests.fulfilment.packing import (
    cash_order,
    everything,
    level,
    pack,
    paid,
    ready,
    ship,
    state_of,
)
from tests.orders.ordering import act, customer, guest, new_key, placed, problems, staff

BULK = "/staff/shipments/bulk"


@pytest.fixture
def packer(db):
    return staff(Role.LOGISTICS)


@pytest.fixture
def number(shirts):
    return paid(("SHIRT", 5), total="8000.00")


def shirts_of(quantity):
    return {"lines": [{"sku": "SHIRT", "quantity": quantity}]}


def move(caller, parcel, step, body=None, **headers):
    return act(caller, f"/staff/shipments/{parcel}/{step}", body, **headers)


def outcome(answer):
    return answer.json()["code"] if answer.status_code >= 400 else answer.status_code


class TestOneParcel:
    def test_it_is_packed_shipped_and_delivered(self, packer, number):
        made = act(packer, f"/staff/orders/{number}/shipments", shirts_of(2))

        assert made.status_code == 201
        parcel = made.json()["number"]
        assert made["Location"] == f"/api/v1/staff/shipments/{parcel}"
        assert (parcel, made.json()["state"]) == (f"{number}-1", "packing")
        assert made.json()["next_states"] == ["cancelled", "ready"]

        answers = [
            move(packer, parcel, "ready"),
            move(packer, parcel, "dispatch", {"carrier": "GIG", "tracking": "GIG-77"}),
            move(packer, parcel, "in-transit", {}),
            move(packer, parcel, "deliver", {"note": "Left with the guard"}),
        ]

        assert [answer.status_code for answer in answers] == [200] * 4
        seen = packer.get(f"/staff/shipments/{parcel}").json()
        assert (seen["state"], seen["carrier"], seen["tracking"]) == ("delivered", "GIG", "GIG-77")
        assert seen["delivered_at"] == seen["ended_at"]
        assert seen["lines"] == [
            {"sku": "SHIRT", "title": "Shirt", "options": [], "quantity": 2, "restocked": 0}
        ]
        assert [(event["kind"], event["note"]) for event in seen["events"]] == [
            ("packing", "2 × SHIRT"),
            ("ready", ""),
            ("dispatched", "GIG GIG-77"),
            ("in_transit", ""),
            ("delivered", "Left with the guard"),
        ]
        assert {event["by"] for event in seen["events"]} == {"logistics@example.com"}

    def test_without_lines_everything_open_is_in_it(self, packer, number):
        made = act(packer, f"/staff/orders/{number}/shipments", {})

        assert made.json()["lines"][0]["quantity"] == 5

    def test_its_lines_can_be_changed_while_it_is_packed(self, packer, number):
        parcel = pack(number, ("SHIRT", 1))

        changed = packer.send("PUT", f"/staff/shipments/{parcel}/lines", shirts_of(4))

        assert changed.json()["lines"][0]["quantity"] == 4
        move(packer, parcel, "ready")
        late = packer.send("PUT", f"/staff/shipments/{parcel}/lines", shirts_of(1))
        assert outcome(late) == "lines_are_fixed"

    def test_a_sixth_of_five_is_refused(self, packer, number):
        ship(number)
        before = everything()

        answer = act(packer, f"/staff/orders/{number}/shipments", shirts_of(1))

        assert (answer.status_code, outcome(answer)) == (409, "nothing_to_pack")
        assert everything() == before

    def test_too_much_says_what_is_open(self, packer, number):
        answer = act(packer, f"/staff/orders/{number}/shipments", shirts_of(6))

        assert answer.status_code == 409
        assert answer.json()["lines"] == [{"sku": "SHIRT", "requested": 6, "open": 5}]

    def test_what_comes_back_goes_on_the_shelf_as_chosen(self, packer, number):
        parcel = ship(number)

        answer = move(packer, parcel, "returned", {"restock": [{"sku": "SHIRT", "quantity": 3}]})

        assert (answer.status_code, answer.json()["state"]) == (200, "returned_to_sender")
        assert answer.json()["lines"][0]["restocked"] == 3
        assert level() == (8, 0, 8)

    def test_what_to_restock_must_be_said(self, packer, number):
        parcel = ship(number)

        answer = move(packer, parcel, "returned", {})

        assert problems(answer) == [("restock", "required")]
        assert state_of(parcel) == "dispatched"

    def test_it_can_be_given_up(self, packer, number):
        answer = move(packer, ready(number), "cancel", {"note": "Wrong box"})

        assert answer.json()["state"] == "cancelled"
        assert level() == (10, 5, 5)

    def test_the_same_dispatch_with_the_same_key_is_one(self, packer, number):
        parcel, key = ready(number), new_key()

        answers = [move(packer, parcel, "dispatch", {"carrier": "GIG"}, key=key) for _ in range(2)]

        assert answers[0].content == answers[1].content
        assert answers[1]["Idempotent-Replayed"] == "true"
        assert StockMovement.objects.filter(kind="ship").count() == 1

    @pytest.mark.parametrize("step", ["dispatch", "returned", "cancel"])
    def test_what_moves_goods_needs_a_key(self, packer, number, step):
        answer = packer.send("POST", f"/staff/shipments/{ready(number)}/{step}", {})

        assert outcome(answer) == "idempotency_key_required"

    def test_another_tracking_number_is_told(self, packer, number):
        parcel = ship(number)

        answer = move(packer, parcel, "dispatch", {"carrier": "GIG", "tracking": "OTHER"})

        assert (answer.status_code, outcome(answer)) == (409, "already_dispatched")
        assert answer.json()["tracking"] == "GIG-1"

    def test_a_step_out_of_turn_names_what_may_follow(self, packer, number):
        answer = move(packer, pack(number), "deliver", {})

        assert (answer.status_code, outcome(answer)) == (409, "invalid_transition")
        assert answer.json()["allowed"] == ["cancelled", "ready"]

    @pytest.mark.parametrize("path", ["", "/lines", "/ready", "/deliver", "/packing-slip.pdf"])
    def test_what_is_not_there_is_a_404(self, packer, path):
        method = {"": "GET", "/lines": "PUT", "/packing-slip.pdf": "GET"}.get(path, "POST")
        body = shirts_of(1) if method == "PUT" else None if method == "GET" else {}

        answer = packer.send(method, f"/staff/shipments/M-NOTHERE-1{path}", body)

        assert answer.status_code == 404


class TestCancellingAnOrder:
    def test_its_parcels_go_with_it(self, shirts):
        number = cash_order(("SHIRT", 2), total="3500.00")
        parcel = ready(number)

        answer = act(
            staff(Role.OPERATIONS), f"/staff/orders/{number}/cancel", {"reason": "customer"}
        )

        assert answer.json()["status"] == "cancelled"
        assert state_of(parcel) == "cancelled"
        assert level() == (10, 0, 10)

    @pytest.mark.parametrize("by", [Role.OPERATIONS, Role.SUPPORT])
    def test_after_dispatch_it_points_to_a_return(self, number, by):
        ship(number, ("SHIRT", 1))
        before = everything()

        answer = act(staff(by), f"/staff/orders/{number}/cancel", {"reason": "customer"})

        assert (answer.status_code, outcome(answer)) == (409, "already_shipped")
        assert "return" in answer.json()["detail"]
        assert everything() == before

    def test_logistics_may_not(self, packer, number):
        answer = act(packer, f"/staff/orders/{number}/cancel", {"reason": "customer"})

        assert answer.status_code == 403
        entry = AuditEntry.objects.latest()
        assert (entry.event, entry.actor_role) == ("denied", "logistics")


class TestTracking:
    def test_a_guest_follows_their_parcels_with_the_orders_token(self, shirts):
        order = placed(guest(), ("SHIRT", 3), total="5000.00", payment_method="cash_on_delivery")
        number = order["number"]
        act(staff(Role.OPERATIONS), f"/staff/orders/{number}/confirm")
        first = ship(number, ("SHIRT", 2))
        services.mark_in_transit(number=first, at=clock.now(), note="Not for customers")
        services.cancel_shipment(number=pack(number), at=clock.now())

        answer = guest().get(
            f"/orders/{number}/tracking", **{"X-Order-Token": order["access_token"]}
        )

        seen = answer.json()
        assert answer.status_code == 200
        assert (seen["number"], seen["status"]) == (number, "confirmed")
        assert seen["lines"] == [
            {
                "sku": "SHIRT",
                "title": "Shirt",
                "quantity": 3,
                "cancelled": 0,
                "shipped": 2,
                "delivered": 0,
                "returned": 0,
            }
        ]
        (parcel,) = seen["shipments"]
        assert (parcel["state"], parcel["carrier"], parcel["tracking"]) == (
            "in_transit",
            "GIG",
            "GIG-1",
        )
        assert parcel["lines"] == [{"sku": "SHIRT", "title": "Shirt", "quantity": 2}]
        kinds = [event["kind"] for event in parcel["events"]]
        assert kinds == ["packing", "ready", "dispatched", "in_transit"]
        assert b"Not for customers" not in answer.content
        assert b"system" not in answer.content

    def test_a_customer_sees_their_own_and_strangers_nothing(self, shirts):
        ada = customer()
        number = placed(ada, ("SHIRT", 1), total="2000.00")["number"]

        assert ada.get(f"/orders/{number}/tracking").json()["shipments"] == []
        for stranger in (guest(), customer("eve@example.com"), staff(Role.ADMIN)):
            assert stranger.get(f"/orders/{number}/tracking").status_code == 404
