"""Entering a return on the page of its order, and receiving what came."""

import pytest

from mdv.accounts.roles import Role
from refunds.models import Return
from shop.orders.models import Order
from tests.backoffice.shop import browser_of, nonce
from tests.backoffice.test_actions import errors, press, url_of
from tests.orders.ordering import deliver_everywhere, sell
from tests.refunds.returning import approved, ask, delivered


@pytest.fixture
def order(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    sell("MUG", "300.00", stock=10)
    number = delivered(("SHIRT", 2), ("MUG", 1), total="3800.00")
    return Order.objects.get(number=number)


@pytest.fixture
def support(db):
    return browser_of(role=Role.SUPPORT)


def coming(order, **units):
    lines = {line.sku: line.pk for line in order.lines.all()}
    return {f"coming_{lines[sku]}": str(number) for sku, number in units.items()}


def test_a_return_is_entered_on_the_orders_page(order, support):
    typed = coming(order, SHIRT=1, MUG=0)

    answer = press(support, order, "return", **typed, reason="damaged", note="Called")

    assert answer.status_code == 302
    returned = Return.objects.get()
    assert (returned.order_id, returned.state, returned.source) == (order.pk, "requested", "staff")
    assert (returned.reason, returned.note) == ("damaged", "Called")
    assert [(line.order_line.sku, line.requested) for line in returned.lines.all()] == [
        ("SHIRT", 1)
    ]
    assert returned.number in support.get(answer["Location"]).content.decode()


def test_the_form_names_articles_and_how_many_may_come_back(order, support):
    ask(order.number, ("MUG", 1))
    ask(order.number, ("SHIRT", 1))

    form = support.get(url_of(order, "return")).context["form"]

    shown = [(field.label, field.help_text) for field in form.visible_fields()]
    assert shown[0] == ("SHIRT Shirt", "1 of 2 may come back.")
    assert not [label for label, _ in shown if label.startswith("MUG")]


def test_more_than_may_come_back_is_refused(order, support):
    answer = press(support, order, "return", **coming(order, SHIRT=3), reason="other")

    assert answer.status_code == 409
    assert not Return.objects.exists()


def test_something_has_to_come_back(order, support):
    answer = press(support, order, "return", **coming(order, SHIRT=0), reason="other")

    assert answer.status_code == 400
    assert errors(answer)["__all__"] == ["Say of at least one article how many come back."]
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"), [(Role.SUPPORT, True), (Role.OPERATIONS, True), (Role.AUDITOR, False)]
)
def test_the_button_is_there_for_who_may_enter_returns(order, role, may):
    page = browser_of(role=role).get(url_of(order, "change"))

    assert ("Return" in [button["label"] for button in page.context["object_actions"]]) is may


def test_nothing_comes_back_of_what_did_not_arrive(shop, operations):
    page = operations.get(url_of(shop.order, "change"))

    assert "Return" not in [button["label"] for button in page.context["object_actions"]]


def test_who_receives_a_return_reads_what_each_article_is(order, operations):
    returned = Return.objects.get(number=approved(order.number, ("SHIRT", 2)))
    page = url_of(returned, "receive")

    asked = operations.get(page).context["form"]
    wrong = operations.post(
        page, {"nonce": nonce(), "skus": '["SHIRT"]', "version": "2", "used_shelf_0": "-1"}
    )

    for form in (asked, wrong.context["form"]):
        labels = [field.label for field in form.visible_fields()]
        assert labels[0] == "SHIRT Shirt: as new, on the shelf"
