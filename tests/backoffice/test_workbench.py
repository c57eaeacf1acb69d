"""The order's page as a bench to work at: where it stands, what may be done next, what happened."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.backoffice.order_chips import Refunding, refunding_of
from mdv.kernel import clock
from mdv.kernel.money import ZERO
from shop.fulfilment import services as parcels
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from shop.payments.models import Payment
from tests.backoffice.shop import browser_of, nonce, place_order
from tests.fulfilment.packing import cash_order, counts, deliver, pack, paid, pay, ready, ship

FIVE = {"total": "8000.00"}


@pytest.fixture
def number(shop):
    """A paid order of five shirts."""
    return paid(("SHIRT", 5), **FIVE)


def url_of(number, page="change"):
    return f"/admin/orders/order/{Order.objects.get(number=number).pk}/{page}/"


def seen(number, browser, **asked):
    """What the order's page is made of."""
    return browser.get(url_of(number), asked).context


def chips(number, browser):
    shown = seen(number, browser)["chips"]
    return {name: " ".join(chip.split(">")[1].split("<")[0].split()) for name, chip in shown}


def goods(number, browser):
    return chips(number, browser)["Goods"]


def labels(buttons):
    return [button["label"] for button in buttons]


def press(browser, number, button, **typed):
    return browser.post(url_of(number, button), {"nonce": nonce(), **typed})


def test_four_chips_say_where_an_order_stands(number, shop, admin):
    assert chips(number, admin) == {
        "Order": "Confirmed",
        "Payment": "Paid",
        "Goods": "Nothing packed",
        "Refund": "Nothing refunded",
    }


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ([(pack, 2)], "Partly packed"),
        ([(pack, 5)], "Packed"),
        ([(ready, 5)], "Packed"),
        ([(ship, 2)], "Partly shipped"),
        ([(ship, 2), (pack, 3)], "Partly shipped"),
        ([(ship, 5)], "Shipped"),
        ([(ship, 2), (deliver, 3)], "Partly delivered"),
        ([(deliver, 2)], "Partly delivered"),
        ([(deliver, 2), (deliver, 3)], "Delivered"),
    ],
)
def test_the_chip_of_the_goods_follows_the_counts_of_the_lines(number, admin, steps, shown):
    for step, units in steps:
        step(number, ("SHIRT", units))

    assert goods(number, admin) == shown


def test_what_came_back_is_said(number, admin):
    parcels.return_to_sender(number=ship(number), restock=None, note="", at=clock.now())

    assert goods(number, admin) == "Came back"


def test_of_a_cancelled_order_nothing_is_to_be_sent(shop, admin):
    cancel_order(number=shop.order.number, reason=CancelReason.STAFF, at=clock.now())

    assert goods(shop.order.number, admin) == "Nothing to send"


@pytest.mark.parametrize(
    ("captured", "promised", "refunded", "shown"),
    [
        ("0", "0", "0", "Nothing refunded"),
        ("2000", "0", "0", "Nothing refunded"),
        ("2500", "0", "0", "To be refunded"),
        ("2500", "500", "0", "Being refunded"),
        ("2500", "500", "500", "Partly refunded"),
        ("2000", "300", "300", "Partly refunded"),
        ("2000", "900", "300", "Being refunded"),
        ("2000", "2000", "2000", "Refunded"),
    ],
)
def test_the_chip_of_the_refund_follows_the_totals(shop, captured, promised, refunded, shown):
    shop.order.captured_total = Decimal(captured)
    shop.order.refunded_total = Decimal(refunded)
    shop.order.payments_in_order = [Payment(refund_committed=Decimal(promised))]

    assert refunding_of(shop.order, owed=ZERO).replace("_", " ").capitalize() == shown


@pytest.mark.parametrize("promised", ["0", "500"])
def test_money_that_is_owed_is_to_go_back(shop, promised):
    shop.order.captured_total = Decimal(2000)
    shop.order.payments_in_order = [Payment(refund_committed=Decimal(promised))]

    assert refunding_of(shop.order, owed=Decimal(1500)) == Refunding.TO_BE_REFUNDED


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.OPERATIONS, ["Pack everything", "Pack parts", "Refund", "Add note", "Cancel order"]),
        (Role.LOGISTICS, ["Pack everything", "Pack parts", "Add note"]),
        (Role.SUPPORT, ["Refund", "Add note"]),
        (Role.AUDITOR, []),
    ],
)
def test_a_paid_order_offers_to_be_packed_to_those_who_pack(number, role, offered):
    page = seen(number, browser_of(role=role))

    assert labels(page["object_actions"]) == offered


def test_what_is_wholly_packed_is_not_offered_to_be_packed_again(number, admin):
    pack(number)

    offered = labels(seen(number, admin)["object_actions"])
    assert offered == ["Refund", "Add note", "Cancel order"]


def test_what_is_to_be_paid_on_delivery_can_be_packed_paid_and_cancelled_until_it_leaves(
    shop, admin
):
    number = cash_order(("SHIRT", 2), total="3500.00")
    before = labels(seen(number, admin)["object_actions"])

    ship(number, ("SHIRT", 1))

    assert before == ["Pack everything", "Pack parts", "Book payment", "Add note", "Cancel order"]
    after = labels(seen(number, admin)["object_actions"])
    assert after == ["Pack everything", "Pack parts", "Book payment", "Add note"]


@pytest.mark.parametrize(
    ("bring", "offered"),
    [
        (pack, ["Ready", "Change what is in it", "Give up parcel"]),
        (ready, ["Dispatch", "Give up parcel"]),
        (ship, ["In transit", "Delivered", "Came back", "Correct tracking"]),
        (deliver, []),
    ],
)
def test_a_parcel_offers_its_next_steps_and_only_those(number, admin, bring, offered):
    bring(number)

    (parcel,) = seen(number, admin)["parcels"]
    assert labels(parcel.buttons) == offered


def test_support_is_offered_nothing_to_do_with_parcels_and_cannot_do_it_either(number):
    parcel = Shipment.objects.get(number=pack(number))
    support = browser_of(role=Role.SUPPORT)

    assert [shown.buttons for shown in seen(number, support)["parcels"]] == [[]]
    answer = support.post(f"/admin/fulfilment/shipment/{parcel.pk}/ready/", {"nonce": nonce()})
    assert answer.status_code == 403
    assert press(support, number, "pack").status_code == 403
    assert Shipment.objects.get(pk=parcel.pk).state == "packing"


def test_everything_that_is_open_is_packed_at_the_press_of_a_button(number, operations):
    pack(number, ("SHIRT", 2))
    asked = operations.get(url_of(number, "pack")).context["preview"]

    answer = press(operations, number, "pack")

    assert asked.startswith("Into a new parcel: 3 × SHIRT. It stays in stock until")
    assert answer.status_code == 302
    parcel = Shipment.objects.get(number=f"{number}-2")
    assert [line.quantity for line in parcel.lines.all()] == [3]


def line_of(number, sku="SHIRT"):
    return f"units_{Order.objects.get(number=number).lines.get(sku=sku).pk}"


def test_parts_of_an_order_are_packed_line_by_line(shop, operations):
    number = paid(("SHIRT", 3), ("GLOVE", 2), total="5200.00")

    answer = press(operations, number, "pack-parts", **{line_of(number): "1"})

    assert answer.status_code == 302
    (line,) = Shipment.objects.get(number=f"{number}-1").lines.select_related("order_line")
    assert (line.order_line.sku, line.quantity) == ("SHIRT", 1)
    assert "2 of 3 to be packed." in operations.get(url_of(number, "pack-parts")).content.decode()


@pytest.mark.parametrize(
    ("units", "status", "why"),
    [
        ("", 400, "Say of at least one article how many are packed."),
        ("0", 400, "Say of at least one article how many are packed."),
        ("-1", 400, "Ensure this value is greater than or equal to 0."),
        ("6", 409, "That is more than is left of this order to be packed."),
    ],
)
def test_too_few_and_too_many_are_refused_and_no_parcel_is_opened(
    number, operations, units, status, why
):
    answer = press(operations, number, "pack-parts", **{line_of(number): units})

    assert answer.status_code == status
    assert why in answer.content.decode()
    assert not Shipment.objects.filter(order__number=number).exists()


def test_parts_sent_twice_are_packed_once_though_less_is_open_by_then(number, operations):
    form = {"nonce": nonce(), line_of(number): "5"}

    answers = [operations.post(url_of(number, "pack-parts"), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Shipment.objects.filter(order__number=number).count() == 1


def test_a_parcels_step_leads_back_to_the_order(number, operations):
    pack(number)
    (parcel,) = seen(number, operations)["parcels"]

    answer = operations.post(parcel.buttons[0]["url"], {"nonce": nonce()})

    assert (answer.status_code, answer["Location"]) == (302, url_of(number))
    assert Shipment.objects.get(order__number=number).state == "ready"


@pytest.mark.parametrize(
    "back", ["https://evil.example/admin/", "//evil.example/admin/", "/api/docs/", "javascript:x"]
)
def test_nobody_is_led_elsewhere(number, operations, back):
    parcel = Shipment.objects.get(number=pack(number))
    page = f"/admin/fulfilment/shipment/{parcel.pk}/"

    answer = operations.post(f"{page}ready/?back={back}", {"nonce": nonce()})

    assert answer["Location"] == f"{page}change/"


def test_a_step_that_somebody_else_took_meanwhile_is_refused(number, operations):
    parcel = Shipment.objects.get(number=pack(number))
    parcels.cancel_shipment(number=parcel.number, at=clock.now())

    page = f"/admin/fulfilment/shipment/{parcel.pk}/ready/"
    answer = operations.post(page, {"nonce": nonce()})

    assert answer.status_code == 409
    assert Shipment.objects.get(pk=parcel.pk).state == "cancelled"


def test_a_parcel_that_somebody_else_repacked_meanwhile_is_not_overwritten(
    number, operations, admin
):
    parcel = Shipment.objects.get(number=pack(number, ("SHIRT", 1)))
    page = f"/admin/fulfilment/shipment/{parcel.pk}/repack/"
    shown = operations.get(page).context["form"].initial["shown"]
    admin.post(page, {"nonce": nonce(), "lines": "SHIRT 4", "shown": shown})

    answer = operations.post(page, {"nonce": nonce(), "lines": "SHIRT 2", "shown": shown})

    assert answer.status_code == 412
    assert "Someone else changed this since you read it." in answer.content.decode()
    assert "SHIRT 2" in answer.content.decode()
    assert [line.quantity for line in parcel.lines.all()] == [4]


def test_each_line_shows_what_became_of_it(number, admin):
    deliver(number, ("SHIRT", 2))
    ship(number, ("SHIRT", 1))
    pack(number, ("SHIRT", 1))

    table = seen(number, admin)["lines"]

    for name, units in {"Ordered": 5, "To pack": 1, "Shipped": 3, "Delivered": 2}.items():
        assert f'data-label="{name}">{units}<' in table
    assert "Returned" not in table
    assert counts(number) == [(0, 3, 2, 0)]


def test_a_parcel_shows_what_is_in_it_who_carries_it_and_when(number, admin):
    parcel = Shipment.objects.get(number=ship(number, ("SHIRT", 2)))

    (shown,) = seen(number, admin)["parcels"]

    assert shown.lines == ["2 × SHIRT Shirt"]
    assert shown.carrier == "GIG GIG-1"
    assert [name for name, _ in shown.moments] == ["Opened", "Ready", "Left"]
    assert "Dispatched" in shown.state
    assert admin.get(shown.slip)["Content-Type"] == "application/pdf"
    assert parcel.number in shown.link


def test_money_says_total_paid_due_and_excess(shop, admin):
    order = place_order()
    pay(order.number, "500.00")

    money = dict(seen(order.number, admin)["money"])

    assert (money["Total"], money["Paid"], money["Due"]) == (
        "NGN 2,000.00",
        "NGN 500.00",
        "NGN 1,500.00",
    )


def test_the_customers_other_orders_are_counted_and_the_last_five_are_shown(shop, admin):
    numbers = [place_order(email="bo@example.com").number for _ in range(7)]

    page = seen(numbers[0], admin)

    assert page["other_orders"] == "6"
    shown = [link.split(">")[1].split("<")[0] for link, _ in page["earlier"]]
    assert shown == numbers[:1:-1]


def test_cancelling_says_beforehand_what_is_given_back(shop, admin):
    number = cash_order(("SHIRT", 2), total="3500.00")
    pack(number, ("SHIRT", 1))

    preview = admin.get(url_of(number, "cancel-confirmed")).context["preview"]

    assert preview == (
        "Free again in stock: 2 × SHIRT. What is packed of it is unpacked. "
        "No money has come, so none goes back. The customer gets a mail. This cannot be undone."
    )
