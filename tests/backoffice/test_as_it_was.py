"""An order and a stock item as they were: at any instant, beside today, and who may look."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from mdv.accounts.roles import RIGHTS, Role
from mdv.kernel import clock
from mdv.ops.time_machine.orders import OrderTrail
from shop.orders.models import Order
from shop.orders.services import cancel_order, write_note
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.stock import services
from shop.stock.models import StockItem
from tests.backoffice.many import copy, past_every_trigger
from tests.backoffice.shop import browser_of, place_order
from tests.ops.books import break_books

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = 100_000
ENTRIES = 500


def past(browser, order, at=""):
    return browser.get(f"/admin/orders/order/{order.pk}/as-it-was/", {"at": at} if at else {})


def card(browser, item, at=""):
    return browser.get(f"/admin/stock/stockitem/{item.pk}/as-it-was/", {"at": at} if at else {})


def words(html):
    return " ".join(re.sub(r"<[^>]*>", " ", str(html)).split())


def shown(answer):
    return words(answer.content.decode())


def facts(answer):
    return {name: words(value) for name, value in answer.context["facts"]}


def parts(answer):
    return {title: (words(table), since) for title, table, since in answer.context["parts"]}


@pytest.fixture
def order(shop):
    """An order that was paid after it had been placed, and got a note."""
    order = place_order("SHIRT", 2, total="3500.00", email="gus@example.com")
    record_payment(
        number=order.number,
        amount=Decimal(3500),
        channel=Channel.CASH,
        reference="R-77",
        at=clock.now(),
    )
    write_note(number=order.number, text="Rings twice.", author_id=shop.customer.pk)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def auditor(db):
    return browser_of(role=Role.AUDITOR)


@pytest.mark.django_db(transaction=True)
class TestAnOrder:
    """Each change is a transaction of its own."""

    def test_it_shows_what_was_then_and_marks_what_is_different_today(self, order, auditor):
        placed, paid, _ = moments(order)

        then, later = past(auditor, order, placed), past(auditor, order, paid)

        assert facts(then)["Status"] == "Pending today Confirmed"
        assert facts(then)["Payment status"] == "Unpaid today Paid"
        assert facts(then)["Captured total"] == "0.00 today 3,500.00"
        assert facts(then)["Email"] == "gus@example.com"
        assert facts(then)["Confirmed at"].startswith("– today 20")
        assert parts(then)["Payments"] == ("None then.", 1)
        assert parts(then)["Order notes"] == ("None then.", 1)
        assert "1 more since then" in shown(then)
        assert facts(later)["Status"] == "Confirmed"
        assert parts(later)["Payments"][0].count("R-77") == 1
        assert parts(later)["Invoices"][1] == 0

    def test_now_is_shown_where_no_moment_is_asked_for_and_nothing_is_marked(self, order, auditor):
        answer = past(auditor, order)

        assert "as the trail has it now" in shown(answer)
        assert "mdv-since" not in answer.content.decode()
        assert parts(answer)["Order notes"][0].startswith("Text Created at Rings twice.")

    def test_before_it_was_placed_there_was_none(self, order, auditor):
        answer = past(auditor, order, "2020-01-01T00:00")

        said = f"Order {order.number} was not there yet at 2020-01-01 00:00:00 UTC."
        assert said in shown(answer)
        assert answer.context["choices"][-1].what == ["Order placed"]

    def test_the_moments_lead_from_one_to_the_next(self, order, auditor):
        trail = OrderTrail(order.pk).moments()

        first = past(auditor, order, iso(trail[0].at))
        second = auditor.get(
            f"/admin/orders/order/{order.pk}/as-it-was/{first.context['later'].url}"
        )

        assert first.context["earlier"] is None
        assert [one.is_shown for one in second.context["choices"]] == [False, True, False]
        assert second.context["earlier"].at == trail[0].at
        assert second.context["later"].at == trail[2].at
        assert "aria-current" in second.content.decode()

    def test_the_counters_are_said_to_agree_or_named(self, order, auditor):
        placed, paid, _ = moments(order)
        agreeing = past(auditor, order, paid)
        break_books(
            "UPDATE audit_auditentry SET changes = jsonb_set(changes, '{captured,1}', '\"1.00\"') "
            "WHERE object_repr = 'R-77' AND changes ? 'captured'"
        )

        differing = past(auditor, order, paid)

        assert "are what they are counted from at that moment" in shown(agreeing)
        assert agreeing.context["disagreeing"] is None
        said = f"order {order.number}, captured total 3500.00 1.00"
        assert said in words(differing.context["disagreeing"])
        assert past(auditor, order, placed).context["disagreeing"] is None

    def test_the_link_is_there_for_who_may_follow_it_and_the_look_is_noted(self, order):
        for role in Role:
            browser = browser_of(role=role)
            may = role in RIGHTS["audit.view_past"]

            page = browser.get(f"/admin/orders/order/{order.pk}/change/")
            answer = past(browser, order)

            assert (f"/admin/orders/order/{order.pk}/as-it-was/" in page.content.decode()) == may
            assert answer.status_code == (200 if may else 403)
            looks = AuditEntry.objects.filter(event="viewed", actor_email=browser.user.email)
            assert looks.count() == (2 if may else 1)

    def test_a_long_story_takes_as_many_statements_as_a_short_one(self, order, auditor):
        placed, *_ = moments(order)
        few = statements(lambda: past(auditor, order, placed))
        for entry in AuditEntry.objects.filter(order_id=order.pk, event="changed"):
            copy(entry, ENTRIES, transaction_id="n")

        many = statements(lambda: past(auditor, order, placed))

        assert few == many <= 10
        assert len(past(auditor, order, placed).context["choices"]) <= 31


def moments(order):
    return [iso(one.at) for one in OrderTrail(order.pk).moments()]


def iso(moment):
    return moment.isoformat()


def statements(look):
    look()
    with CaptureQueriesContext(connection) as queries:
        assert look().status_code == 200
    return len(queries)


@pytest.mark.parametrize("junk", ["yesterday", "\0", "99999-01-01", "2999-01-01T00:00"])
def test_what_makes_no_moment_of_the_past_is_told(shop, admin, junk):
    for answer in (past(admin, shop.order, junk), card(admin, shop.stock, junk)):
        assert answer.status_code == 200
        told = "This moment has not come yet." if junk.startswith("2999") else "Enter a valid date"
        assert told in shown(answer) or "Null characters" in shown(answer)
        assert answer.context["instant"].at is None


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z"])
def test_nor_is_a_moment_long_before_the_shop(shop, admin, at):
    for answer in (past(admin, shop.order, at), card(admin, shop.stock, at)):
        assert answer.status_code == 200
        assert "There was no shop yet." in shown(answer)


@pytest.mark.parametrize("kind", ["orders/order", "stock/stockitem"])
def test_of_what_is_not_there_there_is_no_page(shop, admin, kind):
    assert admin.get(f"/admin/{kind}/999999/as-it-was/").status_code == 404


class TestStock:
    @pytest.fixture
    def mug(self, shop):
        """The shirts as they were: 12 on hand and 3 held on the first of March at noon."""
        with time_machine.travel(NOON - timedelta(hours=2), tick=False):
            item = StockItem.objects.get(pk=shop.stock.pk)
            services.adjust_stock(variant_id=item.variant_id, delta=2, reason="Found")
        with time_machine.travel(NOON - timedelta(hours=1), tick=False):
            services.reserve_stock(quantities={item.variant_id: 2}, source="M-OLD")
        return item

    def level(self, answer):
        return {name: words(units) for name, units in answer.context["level"]}

    def test_it_tells_the_level_of_a_moment_and_who_held_it(self, shop, mug, operations):
        services.receive_stock(variant_id=mug.variant_id, quantity=4, reason="After it")

        answer = card(operations, mug, "2026-03-01T12:00")

        assert self.level(answer) == {
            "On hand": "12 today 16",
            "Held by orders": "3",
            "Available": "9 today 13",
        }
        assert "as it was on 2026-03-01 12:00:00 UTC" in shown(answer)
        assert words(answer.context["held"]) == f"Order Units M-OLD 2 {shop.order.number} 1"
        assert f"/admin/orders/order/{shop.order.pk}/change/" in answer.context["held"]
        assert "The level is what the movements until then make." in shown(answer)

    def test_before_anything_came_there_was_nothing(self, shop, operations):
        answer = card(operations, shop.stock, "2020-01-01T00:00")

        assert self.level(answer)["On hand"].startswith("0 today")
        assert "No order held any of it." in answer.context["held"]
        assert answer.context["earlier"] is None
        assert answer.context["later"].what == ["Receipt: +10 on hand"]

    def test_the_movements_lead_from_one_to_the_next(self, mug, operations):
        answer = card(operations, mug, "2026-03-01T12:00")

        assert answer.context["choices"][0].what == ["Reserve, M-OLD: +2 held"]
        assert answer.context["earlier"].what == ["Adjust: +2 on hand"]
        assert answer.context["later"] is None
        assert card(operations, mug, iso(NOON - timedelta(hours=2))).context["earlier"] is not None

    def test_the_stock_card_leads_there(self, shop, operations):
        page = operations.get(f"/admin/stock/stockitem/{shop.stock.pk}/change/")

        assert f"/admin/stock/stockitem/{shop.stock.pk}/as-it-was/" in page.content.decode()

    def test_a_cancelled_order_holds_nothing_any_more(self, shop, operations):
        cancel_order(number=shop.order.number, reason="staff", at=clock.now())

        assert "No order held any of it." in card(operations, shop.stock).context["held"]

    @pytest.mark.slow
    def test_100_000_movements_take_as_many_statements_as_three(self, shop, operations):
        asked = ("", "2026-03-01T12:00")
        few = [statements(lambda at=at: card(operations, shop.stock, at)) for at in asked]
        last = shop.stock.movements.order_by("seq").last()
        copy(last, MANY, seq=f"{last.seq} + n")
        with past_every_trigger():
            StockItem.objects.filter(pk=shop.stock.pk).update(last_seq=last.seq + MANY)

        many = [statements(lambda at=at: card(operations, shop.stock, at)) for at in asked]

        assert few == many
        assert max(many) <= 10
