"""One step for many parcels in the back office: from the ticked rows to an outcome for each."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from shop.fulfilment.models import Shipment, ShipmentEvent
from tests.backoffice.shop import browser_of
from tests.fulfilment.packing import everything, pack, paid, ready, state_of
from tests.orders.ordering import sell

LIST = "/admin/fulfilment/shipment/"
DISPATCH = f"{LIST}bulk/dispatch/"


@pytest.fixture
def logistics(db):
    return browser_of(role=Role.LOGISTICS)


@pytest.fixture
def parcels(shirts):
    number = paid(("SHIRT", 5), total="8000.00")
    return [ready(number, ("SHIRT", 1)), ready(number, ("SHIRT", 1)), pack(number, ("SHIRT", 1))]


def tick(browser, action, parcels):
    ids = Shipment.objects.filter(number__in=parcels).values_list("pk", flat=True)
    return browser.post(LIST, {"action": action, "_selected_action": list(ids)})


def form(parcels, **more):
    return {"numbers": "\n".join(parcels), "carrier": "GIG", **more}


def rows(answer):
    """The outcome of each row, as the page says it."""
    text = unescape(answer.content.decode())
    return {kind: text.count(f">{kind}") for kind in ("Possible", "Done", "Refused") if kind}


def test_ticked_rows_lead_to_the_page_of_the_step(logistics, parcels):
    answer = tick(logistics, "bulk_dispatch", parcels[:2])

    assert answer.status_code == 302
    place = urlsplit(answer["Location"])
    assert place.path == DISPATCH
    assert parse_qs(place.query) == {"numbers": [",".join(parcels[:2])]}
    page = logistics.get(answer["Location"]).content.decode()
    assert "\n".join(parcels[:2]) in page


def test_a_preview_changes_nothing_and_says_why_not(logistics, parcels):
    before, events = everything(), ShipmentEvent.objects.count()

    page = logistics.post(DISPATCH, form([*parcels, "M-NOTHERE-1"], preview="")).content.decode()

    assert everything() == before
    assert ShipmentEvent.objects.count() == events
    assert "Nothing has happened yet. Possible: 2, Refused: 2" in page
    assert "Shipment is packing and cannot become dispatched." in page
    assert "There is no such parcel." in page


def test_doing_it_says_what_was_done_and_again_that_it_is_done(logistics, parcels):
    sent = form([f"{parcels[0]} GIG-1", f"{parcels[1].lower()}  GIG 2", parcels[2]], do="")

    first = logistics.post(DISPATCH, sent).content.decode()

    assert "Done: 2, Refused: 1" in first
    tracked = Shipment.objects.filter(state="dispatched").order_by("id")
    assert [shipment.tracking for shipment in tracked] == ["GIG-1", "GIG 2"]
    after = everything()

    second = logistics.post(DISPATCH, sent).content.decode()

    assert "Done already: 2, Refused: 1" in second
    assert everything() == after


def test_orders_are_packed_from_a_list_of_their_numbers(logistics, shirts):
    sell("CAP", "10.00", stock=9)
    orders = [paid(("CAP", 1), total="510.00") for _ in range(3)]

    page = logistics.post(f"{LIST}bulk/pack/", form(orders, do="")).content.decode()

    assert "Done: 3" in page
    assert [state_of(f"{number}-1") for number in orders] == ["packing"] * 3


@pytest.mark.parametrize(
    "sent",
    [
        {"numbers": "", "carrier": "GIG", "do": ""},
        {"numbers": "M-1", "carrier": "", "do": ""},
        {"numbers": "\n".join(f"M-{n}" for n in range(101)), "carrier": "GIG", "do": ""},
        {"numbers": "M-1 " + "x" * 61, "carrier": "GIG", "do": ""},
    ],
)
def test_what_makes_no_sense_is_asked_again(logistics, parcels, sent):
    before = everything()

    assert logistics.post(DISPATCH, sent).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("path", ["bulk/burn/", "bulk/"])
def test_there_is_no_page_for_other_steps(logistics, path):
    assert logistics.get(LIST + path).status_code in {302, 404}


@pytest.mark.parametrize("role", Role)
def test_only_who_may_ship_gets_there(parcels, role):
    browser = browser_of(role=role)
    may = role in {Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS, Role.LOGISTICS}
    before = everything()

    answers = [browser.get(DISPATCH), browser.post(DISPATCH, form(parcels, preview=""))]

    assert [answer.status_code for answer in answers] == ([200, 200] if may else [403, 403])
    page = browser.get(LIST).content.decode()
    assert ("bulk_dispatch" in page) is may
    assert everything() == before
    if not may:
        assert AuditEntry.objects.filter(event="denied").count() == 2


def test_who_may_not_ship_ticks_in_vain(parcels):
    browser = browser_of(role=Role.SUPPORT)

    answer = tick(browser, "bulk_dispatch", parcels)

    assert "bulk/dispatch" not in answer.headers.get("Location", "")


def test_a_pick_list_is_printed_for_what_is_ticked(logistics, parcels):
    printed = tick(logistics, "pick_list", parcels)
    assert printed.headers["Content-Type"] == "application/pdf"

    nothing = tick(logistics, "pick_list", parcels[:1])
    assert nothing.status_code == 302


def test_the_worklists_are_filters(logistics, parcels):
    def found(query):
        rows = logistics.get(f"{LIST}?{query}").context["cl"].result_list
        return sorted(row.number for row in rows)

    assert found("worklist=to_pack") == parcels[2:]
    assert found("worklist=to_ship") == parcels[:2]
    assert found("worklist=in_transit") == []
    assert found("state=ready") == parcels[:2]
    assert found(f"q={parcels[0]}") == parcels[:1]
