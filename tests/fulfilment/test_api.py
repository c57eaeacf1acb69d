"""The doors to parcels: what staff and customers send and get."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.stock.models import StockMovement
from tests.fulfilment.packing import (
    cash_order,
    counts,
    deliver,
    everything,
    level,
    pack,
    paid,
    ready,
    ship,
    state_of,
    status_of,
)
from tests.orders.ordering import act, customer, guest, new_key, placed, problems, sell, staff

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


class TestLists:
    @pytest.fixture
    def parcels(self, number):
        sell("MUG", "300.00", stock=10)
        mugs = paid(("MUG", 9), total="3200.00")
        return {
            "packing": pack(number, ("SHIRT", 1)),
            "ready": ready(number, ("SHIRT", 1)),
            "dispatched": ship(number, ("SHIRT", 1)),
            "delivered": deliver(number, ("SHIRT", 1)),
            "other": pack(mugs, ("MUG", 1)),
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["packing", "ready", "dispatched", "delivered", "other"]),
            ("worklist=to_pack", ["packing", "other"]),
            ("worklist=to_ship", ["ready"]),
            ("worklist=in_transit", ["dispatched"]),
            ("state=delivered", ["delivered"]),
            ("search=gig", ["dispatched", "delivered"]),
            ("search=GIG-1", ["dispatched", "delivered"]),
            ("search=NOT", []),
        ],
    )
    def test_a_worklist_has_what_is_to_be_done_the_oldest_first(
        self, packer, parcels, query, found
    ):
        answer = packer.get(f"/staff/shipments?{query}")

        assert [row["number"] for row in answer.json()["results"]] == [
            parcels[name] for name in found
        ]

    def test_parcels_are_found_by_their_orders_number(self, packer, parcels, number):
        for term in (number, number[2:].lower(), number[:6]):
            rows = packer.get(f"/staff/shipments?search={term}").json()["results"]
            assert number in {row["order"] for row in rows}

    @pytest.mark.parametrize("query", ["state=lost", "worklist=all", "search=ab", "x=1"])
    def test_junk_is_refused(self, packer, db, query):
        assert packer.get(f"/staff/shipments?{query}").status_code == 400

    def test_orders_wait_until_all_of_them_is_packed(self, packer, parcels, number):
        def waiting():
            rows = packer.get("/staff/shipments/waiting").json()["results"]
            return [row["number"] for row in rows]

        placed(guest(), ("MUG", 1), total="800.00")  # not confirmed
        assert len(waiting()) == 2

        pack(number)
        mugs = Shipment.objects.get(number=parcels["other"]).order.number

        assert waiting() == [mugs]

    def test_many_parcels_take_as_many_statements_as_few(self, packer, parcels, number):
        def statements(path):
            with CaptureQueriesContext(connection) as queries:
                assert packer.get(path).status_code == 200
            return len(queries)

        packer.get("/staff/shipments")  # from now on the token is known
        paths = [
            "/staff/shipments",
            "/staff/shipments/waiting",
            f"/staff/orders/{number}/shipments",
            f"/staff/shipments/{parcels['packing']}",
        ]
        few = [statements(path) for path in paths]

        sell("CAP", "10.00", stock=500)
        caps = paid(("CAP", 100), total="1500.00")
        for _ in range(30):
            pack(caps, ("CAP", 1))

        assert [statements(path) for path in paths] == few
        assert statements(f"/staff/orders/{caps}/shipments") == few[2]


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


class TestBulk:
    def rows(self, parcels, **more):
        return [{"number": parcel, **more} for parcel in parcels]

    def send(self, caller, step, rows, *, preview=False, key=None):
        return act(caller, BULK, {"step": step, "rows": rows, "preview": preview}, key=key)

    def test_of_a_hundred_with_seven_bad_rows_ninety_three_leave(self, packer, shirts):
        sell("CAP", "10.00", stock=200)
        orders = [paid(("CAP", 1), total="510.00") for _ in range(97)]
        parcels = [ready(number) for number in orders]
        services.cancel_shipment(number=parcels[10], at=clock.now())
        services.cancel_shipment(number=parcels[20], at=clock.now())
        rows = self.rows(parcels, carrier="GIG", tracking="BAG-7")
        rows[30]["carrier"] = " "
        rows[31]["carrier"] = ""
        rows += self.rows(["M-NOTHERE-1", "M-NOTHERE-2"], carrier="GIG")
        unpacked = pack(paid(("CAP", 2), total="520.00"))
        rows += self.rows([unpacked], carrier="GIG")
        assert len(rows) == 100

        first = self.send(packer, "dispatch", rows).json()

        assert (first["done"], first["unchanged"], first["refused"]) == (93, 0, 7)
        refused = {row["number"]: row["code"] for row in first["rows"] if row["code"]}
        assert refused == {
            parcels[10]: "invalid_transition",
            parcels[20]: "invalid_transition",
            parcels[30]: "invalid",
            parcels[31]: "invalid",
            "M-NOTHERE-1": "not_found",
            "M-NOTHERE-2": "not_found",
            unpacked: "invalid_transition",
        }
        assert all(row["detail"] for row in first["rows"] if row["code"])
        assert Shipment.objects.filter(state="dispatched").count() == 93
        assert StockMovement.objects.filter(kind="ship").count() == 93
        after, events = everything(), ShipmentEvent.objects.count()

        second = self.send(packer, "dispatch", rows).json()

        assert (second["done"], second["unchanged"], second["refused"]) == (0, 93, 7)
        assert everything() == after
        assert ShipmentEvent.objects.count() == events

    def test_a_preview_says_the_same_and_changes_nothing(self, packer, number):
        parcels = [ready(number, ("SHIRT", 1)), pack(number, ("SHIRT", 1))]
        rows = self.rows(parcels, carrier="GIG")
        before, events = everything(), ShipmentEvent.objects.count()

        shown = self.send(packer, "dispatch", rows, preview=True).json()

        assert everything() == before
        assert ShipmentEvent.objects.count() == events
        done = self.send(packer, "dispatch", rows).json()
        assert shown.pop("preview") is True
        assert done.pop("preview") is False
        assert shown == done
        assert [row["outcome"] for row in done["rows"]] == ["done", "refused"]

    def test_orders_are_packed_by_the_dozen(self, packer, number):
        other = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]

        packed = self.send(packer, "pack", self.rows([number, other, "M-NOTHERE"])).json()

        assert [(row["outcome"], row["shipment"], row["code"]) for row in packed["rows"]] == [
            ("done", f"{number}-1", ""),
            ("refused", "", "not_to_be_packed"),
            ("refused", "", "not_found"),
        ]
        again = self.send(packer, "pack", self.rows([number])).json()
        assert again["rows"][0]["code"] == "nothing_to_pack"

    def test_every_step_can_be_taken_for_many(self, packer, number):
        first, second, third = (pack(number, ("SHIRT", 1)) for _ in range(3))
        everyone = self.rows([first, second])

        for step in ("ready", "dispatch", "in_transit"):
            rows = self.rows([first, second], carrier="GIG") if step == "dispatch" else everyone
            assert self.send(packer, step, rows).json()["done"] == 2
        self.send(packer, "deliver", self.rows([first]))
        self.send(packer, "returned", self.rows([second], restock=True))
        self.send(packer, "cancel", self.rows([third]))

        states = [state_of(parcel) for parcel in (first, second, third)]
        assert states == ["delivered", "returned_to_sender", "cancelled"]
        assert counts(number) == [(0, 2, 1, 1)]
        assert level() == (9, 3, 6)

    def test_a_key_that_comes_again_gets_the_same_answer(self, packer, number):
        rows, key = self.rows([pack(number)]), new_key()

        answers = [self.send(packer, "ready", rows, key=key) for _ in range(2)]

        assert answers[0].content == answers[1].content
        assert answers[1]["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"step": "burn", "rows": [{"number": "M-1"}]}, ("step", "invalid_choice")),
            ({"step": "ready", "rows": []}, ("rows", "empty")),
            ({"step": "ready", "rows": [{"number": "M-1"}] * 101}, ("rows", "max_length")),
            ({"step": "ready", "rows": [{"order": "M-1"}]}, ("rows.0.number", "required")),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, packer, db, body, problem):
        answer = act(packer, BULK, body)

        assert answer.status_code == 400
        assert problem in problems(answer)

    def test_one_that_completes_its_order_says_so_to_nobody_else(self, packer, number):
        parcel = ship(number)

        self.send(packer, "deliver", self.rows([parcel]))

        assert status_of(number) == "completed"
