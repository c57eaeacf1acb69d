"""Packing slips and pick lists: who prints them, and what stands on them."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.fulfilment import services
from tests.backoffice.shop import browser_of
from tests.fulfilment.packing import cash_order, pack, paid, ready
from tests.orders.ordering import sell, staff

PICK_LIST = "/staff/shipments/pick-list.pdf"


@pytest.fixture
def packer(db):
    return staff(Role.LOGISTICS)


@pytest.fixture
def parcels(shirts):
    """Two orders of shirts and mugs, in three parcels."""
    sell("MUG", "300.00", stock=9)
    first = paid(("SHIRT", 3), ("MUG", 2), total="5600.00")
    second = cash_order(("MUG", 4), total="1700.00")
    return [pack(first, ("SHIRT", 2), ("MUG", 2)), pack(first), pack(second)]


def words(answer):
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


class TestPackingSlip:
    def test_it_says_what_is_in_the_parcel_and_where_it_goes(self, packer, parcels):
        answer = packer.get(f"/staff/shipments/{parcels[0]}/packing-slip.pdf")

        text = words(answer)
        assert f"Packing slip {parcels[0]}" in text
        assert "SHIRT Shirt 2 MUG Mug 2" in text
        assert "Ada Obi 1 Marina Lagos" in text
        assert "Units 4" in text
        assert "1,500" not in text
        assert f"packing-slip-{parcels[0]}.pdf" in answer["Content-Disposition"]
        entry = AuditEntry.objects.latest()
        assert (entry.event, entry.object_repr) == ("printed", parcels[0])

    def test_the_same_parcel_is_the_same_bytes(self, packer, parcels):
        printed = [services.print_packing_slip(number=parcels[0]).content for _ in range(2)]

        assert printed[0] == printed[1]

    def test_a_parcel_that_was_given_up_has_none(self, packer, parcels):
        services.cancel_shipment(number=parcels[0], at=clock.now())

        answer = packer.get(f"/staff/shipments/{parcels[0]}/packing-slip.pdf")

        assert (answer.status_code, answer.json()["code"]) == (409, "shipment_is_cancelled")

    def test_it_is_printed_from_the_parcels_page(self, parcels):
        browser = browser_of(role=Role.LOGISTICS)
        page = browser.get("/admin/fulfilment/shipment/", follow=True)
        shipment = page.context["cl"].result_list[0]

        answer = browser.get(f"/admin/fulfilment/shipment/{shipment.pk}/packing-slip.pdf")

        assert f"Packing slip {shipment.number}" in words(answer)


class TestPickList:
    def test_it_is_sorted_by_sku_with_sums_over_the_parcels(self, packer, parcels):
        text = words(packer.get(PICK_LIST))

        first, second, third = parcels
        assert f"MUG Mug 6 2 × {first} 4 × {third} SHIRT Shirt 3 2 × {first} 1 × {second}" in text
        assert "Parcels: 3" in text
        assert "Units 9" in text

    def test_it_is_for_the_parcels_that_are_named(self, packer, parcels):
        text = words(packer.get(f"{PICK_LIST}?numbers={parcels[0]},{parcels[1]}"))

        assert "MUG Mug 2" in text
        assert parcels[2] not in text

    def test_what_is_closed_is_not_fetched_again(self, packer, parcels):
        services.mark_ready(number=parcels[2], at=clock.now())

        assert "MUG Mug 2" in words(packer.get(PICK_LIST))

    def test_nothing_to_fetch_is_no_list(self, packer, shirts):
        parcel = ready(paid(("SHIRT", 1), total="2000.00"))

        for path in (PICK_LIST, f"{PICK_LIST}?numbers={parcel}"):
            answer = packer.get(path)
            assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_pick")

    def test_one_that_is_not_there_is_a_404(self, packer, parcels):
        assert packer.get(f"{PICK_LIST}?numbers={parcels[0]},M-NOTHERE-1").status_code == 404

    @pytest.mark.parametrize("query", ["number=1", "numbers=" + ",".join("x" * 101)])
    def test_junk_is_refused(self, packer, parcels, query):
        assert packer.get(f"{PICK_LIST}?{query}").status_code == 400
