"""One step for many parcels over the API: each by itself, with an outcome of its own."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.stock.models import StockMovement
from tests.fulfilment.packing import (
    counts,
    everything,
    level,
    pack,
    paid,
    ready,
    ship,
    state_of,
    status_of,
)
from tests.orders.ordering import act, guest, new_key, placed, problems, sell, staff

BULK = "/staff/shipments/bulk"


@pytest.fixture
def packer(db):
    return staff(Role.LOGISTICS)


@pytest.fixture
def number(shirts):
    return paid(("SHIRT", 5), total="8000.00")


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

    def test_the_last_parcel_completes_its_order(self, packer, number):
        parcel = ship(number)

        self.send(packer, "deliver", self.rows([parcel]))

        assert status_of(number) == "completed"
