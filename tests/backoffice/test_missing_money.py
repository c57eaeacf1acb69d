"""Money that is missing in the back office: what it stops, where it is seen, and who lets it go."""

from html import unescape

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import RIGHTS, Role
from shop.fulfilment.models import Shipment
from shop.orders.models import MissingAcceptance, Order
from tests.backoffice.shop import browser_of, nonce, place_order
from tests.fulfilment.packing import pack, ready, state_of
from tests.refunds.refunding import apply, outside, pay_online

ORDERS, PARCELS = "/admin/orders/order/", "/admin/fulfilment/shipment/"
HELD = "Held: money is missing"
WHY = "Pays on Monday."


@pytest.fixture
def payment(shop):
    order = place_order("SHIRT", 2, total="3500.00", email="fola@example.com")
    return pay_online(order.number, order.total)


@pytest.fixture
def order(payment):
    return payment.order


@pytest.fixture
def parcel(order, payment):
    """A parcel that waits for its carrier. All of the order's money was taken back."""
    closed = ready(order.number, ("SHIRT", 1))
    take_back(payment, "3500.00")
    return Shipment.objects.get(number=closed)


@pytest.fixture
def lead(shop):
    return browser_of(role=Role.SUPERVISOR)


@pytest.fixture
def logistics(shop):
    return browser_of(role=Role.LOGISTICS)


def take_back(payment, amount, number="dp_1"):
    apply(outside(payment, amount, is_chargeback=True, provider_id=number), payment)


def page_of(browser, order):
    return browser.get(f"{ORDERS}{order.pk}/change/")


def labels(browser, order):
    return [one["label"] for one in page_of(browser, order).context["object_actions"]]


def chips(browser, order):
    return dict(page_of(browser, order).context["chips"])


def text(answer):
    return unescape(answer.content.decode())


def form_of(browser, order):
    """The form as the page fills it in."""
    page = browser.get(f"{ORDERS}{order.pk}/accept-missing/")
    return {"amount": str(page.context["form"].initial["amount"]), "nonce": nonce()}


def accept(browser, order, **filled):
    form = {**form_of(browser, order), "reason": WHY, **filled}
    return browser.post(f"{ORDERS}{order.pk}/accept-missing/", form, follow=True)


def dispatch(browser, parcel):
    form = {"carrier": "GIG", "nonce": nonce()}
    return browser.post(f"{PARCELS}{parcel.pk}/dispatch/", form, follow=True)


def tile(browser):
    return next(one for one in browser.get("/admin/").context["tiles"] if one["title"] == HELD)


def test_a_parcel_is_refused_in_words_before_and_after_the_button(logistics, parcel):
    page = text(logistics.get(f"{PARCELS}{parcel.pk}/dispatch/"))
    refused = dispatch(logistics, parcel)

    told = "Until ₦3,500.00 has come"
    assert told in page
    assert (refused.status_code, told in text(refused)) == (409, True)
    assert state_of(parcel.number) == "ready"


def test_closing_one_says_the_same(logistics, order, parcel):
    another = Shipment.objects.get(number=pack(order.number))

    page = text(logistics.get(f"{PARCELS}{another.pk}/ready/"))
    refused = logistics.post(f"{PARCELS}{another.pk}/ready/", {"nonce": nonce()})

    assert "Until ₦3,500.00 has come" in page
    assert (refused.status_code, state_of(another.number)) == (409, "packing")


def test_many_at_once_are_told_of_it_in_their_row(logistics, parcel):
    form = {"numbers": parcel.number, "carrier": "GIG", "do": ""}

    answer = logistics.post(f"{PARCELS}bulk/dispatch/", form)

    (row,) = [line for line in text(answer).split("<tr") if parcel.number in line]
    assert ("Refused" in row, "Until ₦3,500.00 has come" in row) == (True, True)


def test_who_packs_sees_which_parcels_and_orders_are_held(logistics, order, parcel, shop):
    parcels = logistics.get(PARCELS, {"held": "yes"}).context["cl"]
    orders = logistics.get(ORDERS, {"work": "held"}).context["cl"]

    assert list(parcels.queryset) == [parcel]
    assert list(orders.queryset) == [order]
    everything = text(logistics.get(PARCELS))
    (row,) = [line for line in everything.split("<tr") if f">{parcel.number}<" in line]
    (other,) = [line for line in everything.split("<tr") if f">{shop.shipment.number}<" in line]
    assert ("Money is missing" in row, "Money is missing" in other) == (True, False)
    assert "Money is missing" in text(logistics.get(f"{PARCELS}{parcel.pk}/change/"))
    assert "Money is missing" in chips(logistics, order)["Held"]
    assert "Held" not in chips(logistics, shop.order)
    assert tile(logistics)["value"] == 1
    assert tile(logistics)["is_alarm"]
    assert order.number in text(logistics.get(tile(logistics)["url"]))


def test_nothing_is_held_where_nothing_is_missing(logistics, order):
    assert list(logistics.get(ORDERS, {"work": "held"}).context["cl"].queryset) == []
    assert (tile(logistics)["value"], tile(logistics)["is_alarm"]) == (0, False)
    assert "Held" not in chips(logistics, order)
    assert page_of(logistics, order).context["missing"] == []


@pytest.mark.parametrize("role", Role)
def test_only_who_may_is_offered_to_accept_it(order, parcel, role):
    offered = "Accept what is missing" in labels(browser_of(role=role), order)

    assert offered == (role in RIGHTS["orders.accept_missing"])


def test_it_is_offered_only_while_something_is_held(lead, order, payment):
    assert "Accept what is missing" not in labels(lead, order)


def test_a_lead_sees_what_it_does_accepts_it_and_the_parcel_leaves(lead, order, parcel):
    preview = text(lead.get(f"{ORDERS}{order.pk}/accept-missing/"))
    assert "NGN 3,500.00 is missing" in preview

    done = accept(lead, order)

    assert [str(one) for one in done.context["messages"]] == [
        "NGN 3,500.00 accepted as missing: it may leave."
    ]
    assert dispatch(lead, parcel).status_code == 200
    assert state_of(parcel.number) == "dispatched"
    assert "Accept what is missing" not in labels(lead, order)
    assert Order.objects.get(pk=order.pk).due == 3500


def test_the_page_and_its_story_say_who_accepted_it_and_why(lead, logistics, order, parcel):
    accept(lead, order)

    page = page_of(logistics, order)

    (said,) = page.context["missing"]
    assert said.startswith("NGN 3,500.00 accepted as missing by supervisor@example.com, ")
    assert said.endswith(f", because: {WHY}")
    assert said in text(page)
    assert ("Due", "NGN 3,500.00") in page.context["money"]
    steps = [(step.who, what) for step in page.context["timeline"].steps for what in step.what]
    told = f"3,500.00 accepted as missing, because: {WHY}"
    assert ("supervisor@example.com", told) in steps


def test_what_is_taken_back_later_is_said_beside_what_was_accepted(lead, shop):
    order = place_order("SHIRT", 2, total="3500.00", email="gbenga@example.com")
    payment = pay_online(order.number, order.total)
    take_back(payment, "500.00", "dp_2")
    accept(lead, order)
    take_back(payment, "1000.00", "dp_3")

    held, accepted = page_of(lead, order).context["missing"]

    assert held.startswith("Held: NGN 1,500.00 is missing.")
    assert accepted.startswith("NGN 500.00 accepted as missing by")


def test_a_form_that_shows_another_amount_is_refused(lead, order, parcel):
    form = {"amount": "3000.00", "reason": WHY, "nonce": nonce()}

    answer = lead.post(f"{ORDERS}{order.pk}/accept-missing/", form)

    assert (answer.status_code, "look again" in text(answer)) == (409, True)
    assert not MissingAcceptance.objects.exists()


def test_pressing_twice_accepts_once(lead, order, parcel):
    form = {**form_of(lead, order), "reason": WHY}

    for _ in range(2):
        lead.post(f"{ORDERS}{order.pk}/accept-missing/", form)

    assert MissingAcceptance.objects.count() == 1
    assert AuditEntry.objects.filter(content_type__model="missingacceptance").count() == 1


def test_the_past_of_an_order_knows_what_was_accepted(lead, order, parcel):
    accept(lead, order)

    page = lead.get(f"{ORDERS}{order.pk}/as-it-was/")

    assert page.status_code == 200
    assert WHY in text(page)
