"""What lists of parcels show and find, and how many statements that takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mdv.accounts.roles import Role
from shop.fulfilment.models import Shipment
from tests.fulfilment.packing import deliver, pack, paid, ready, ship
from tests.orders.ordering import guest, placed, sell, staff


@pytest.fixture
def packer(db):
    return staff(Role.LOGISTICS)


@pytest.fixture
def number(shirts):
    return paid(("SHIRT", 5), total="8000.00")


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
