"""The Books page: how the books are, what is wrong, and putting it right by a button."""

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops import check_now, reconcile
from mdv.ops.invariants import INVARIANTS, Invariant
from mdv.ops.models import BooksCheck, Compensation
from mdv.ops.reconcile import check_books, check_invariants
from mdv.ops.tasks import check_books_for
from shop.orders.models import Order
from tests.backoffice.shop import browser_of, nonce, refund_online, unexplained_money
from tests.ops.books import break_books

pytestmark = pytest.mark.django_db(transaction=True)

BOOKS = "/admin/ops/bookscheck/"
CHECK = f"{BOOKS}check/"
SIX = f"{BOOKS}invariant/6/"
ONE_MORE = "UPDATE orders_order SET captured_total = captured_total + 1 WHERE captured_total > 0"


@pytest.fixture
def wrong(shop):
    """The order of which more seems to have come than was paid."""
    break_books(ONE_MORE)
    check_books(at=clock.now())
    return Order.objects.get(captured_total__gt=0)


def put_right(order):
    return f"{BOOKS}put-right/6-order-{order.pk}/"


def press(browser, url, **filled):
    return browser.post(url, {"nonce": nonce(), **filled}, follow=True)


def statuses(page):
    return {tile["number"]: tile["status"] for tile in page.context["tiles"]}


class TestLooking:
    def test_each_invariant_is_a_tile_that_leads_to_what_is_wrong(self, wrong, admin):
        page = admin.get(BOOKS)

        assert statuses(page) == {
            one.number: "red" if one.number == 6 else "ok" for one in INVARIANTS
        }
        assert "asked for by the nightly job" in page.content.decode()
        assert f'href="{SIX}"' in page.content.decode()

    def test_what_is_wrong_leads_to_the_order_and_says_what_can_be_done(self, wrong, admin):
        page = admin.get(SIX).content.decode()

        assert f'href="/admin/orders/order/{wrong.pk}/change/"' in page
        assert f"captured {wrong.captured_total}, payments say" in page
        assert "Restate the order from its payments and refunds." in page
        assert f'href="{put_right(wrong)}"' in page

    def test_only_who_may_put_it_right_is_offered_to(self, wrong):
        page = browser_of(role=Role.SUPERVISOR).get(SIX)

        assert page.status_code == 200
        assert "put-right" not in page.content.decode()

    def test_home_has_a_tile_that_leads_there(self, wrong, admin):
        books = admin.get("/admin/").context["tiles"][-1]

        assert (books["value"], books["is_alarm"], books["url"]) == ("Unbalanced", True, BOOKS)

    def test_who_may_not_see_the_books_sees_the_word_without_a_link(self, wrong, operations):
        books = operations.get("/admin/").context["tiles"][-1]

        assert (books["value"], books["url"]) == ("Unbalanced", "")

    def test_books_that_nobody_checked_say_so(self, shop, admin):
        BooksCheck.objects.all().delete()

        assert "Not checked yet" in admin.get(BOOKS).content.decode()
        assert "Not checked yet" in admin.get(SIX).content.decode()
        assert admin.get("/admin/").context["tiles"][-1]["value"] == "Not checked yet"

    def test_an_old_check_can_be_looked_at(self, wrong, admin):
        old = BooksCheck.objects.newest()
        check_books(at=clock.now(), asked_by="eve@example.com")

        page = admin.get(f"{BOOKS}{old.pk}/change/")

        assert statuses(page)[6] == "red"
        assert wrong.number in page.content.decode()
        assert f"{BOOKS}{old.pk}/change/" in admin.get(BOOKS).content.decode()

    @pytest.mark.parametrize("path", ["invariant/16/", "invariant/99/"])
    def test_there_is_no_page_of_an_invariant_that_is_not_asked(self, shop, admin, path):
        assert admin.get(f"{BOOKS}{path}").status_code == 404

    def test_the_exceptions_queue_leads_to_books_that_are_wrong(self, wrong, admin, operations):
        queue = "/admin/payments/gatewayevent/"

        assert "The books are unbalanced." in admin.get(queue).content.decode()
        assert "unbalanced" not in operations.get(queue).content.decode()

        BooksCheck.objects.all().delete()
        assert "unbalanced" not in admin.get(queue).content.decode()


class TestChecking:
    def test_who_watches_over_the_shop_has_them_checked(self, shop):
        break_books(ONE_MORE)
        auditor = browser_of(role=Role.AUDITOR)

        page = press(auditor, CHECK)

        assert "The books were checked." in page.content.decode()
        assert statuses(page)[6] == "red"
        assert BooksCheck.objects.newest().asked_by == "auditor@example.com"

    def test_nobody_else_does(self, shop, operations):
        before = BooksCheck.objects.count()

        assert press(operations, CHECK).status_code == 403
        assert BooksCheck.objects.count() == before

    def test_it_is_limited_since_it_reads_everything(self, shop, admin, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "books": "1/d"}
        press(admin, CHECK)
        before = BooksCheck.objects.count()

        page = press(admin, CHECK)

        assert page.status_code == 429
        assert BooksCheck.objects.count() == before

    def test_what_takes_too_long_for_a_page_is_left_to_a_worker(self, shop, admin, monkeypatch):
        slow = Invariant(
            number=1,
            sentence="Never ends.",
            advice="Wait.",
            query="SELECT 'order', 1::bigint, 'x', 'y' FROM pg_sleep(300)",
        )
        monkeypatch.setattr(reconcile, "INVARIANTS", (slow,))
        monkeypatch.setattr(check_now, "PAGE_PATIENCE_MS", 50)
        before = BooksCheck.objects.count()

        page = press(admin, CHECK)
        again = press(browser_of(role=Role.AUDITOR), CHECK)

        assert "a worker checks the books" in page.content.decode()
        assert "A check is already waiting" in again.content.decode()
        assert BooksCheck.objects.count() == before
        job = ProcrastinateJob.objects.get(task_name="ops.check_books_for")
        assert job.args["arguments"] == {"user_id": admin.user.pk}
        monkeypatch.undo()
        check_books_for(user_id=admin.user.pk)
        assert BooksCheck.objects.newest().asked_by == "admin@example.com"

    def test_a_database_that_is_away_is_no_reason_to_queue(self, shop, admin, monkeypatch):
        def is_away(**given):
            raise OperationalError from psycopg.errors.AdminShutdown()

        monkeypatch.setattr(check_now, "check_books", is_away)

        page = press(admin, CHECK)

        assert "The shop is busy." in page.content.decode()
        assert not ProcrastinateJob.objects.filter(task_name="ops.check_books_for").exists()


class TestPuttingRight:
    def test_what_will_change_is_shown_first_and_nothing_happens(self, wrong, admin):
        page = press(admin, put_right(wrong), reason="Edited past the shop")

        said = page.content.decode()
        assert f"{wrong.number}: captured" in said
        assert str(wrong.captured_total - 1) in said
        assert not Compensation.objects.exists()

    def test_the_second_press_puts_it_right_and_the_page_says_how_it_is_now(self, wrong, admin):
        seen = press(admin, put_right(wrong), reason="Edited past the shop").context["plan"]
        filled = {"reason": "Edited past the shop", "plan_hash": seen.plan_hash}
        key = nonce()

        page = press(admin, put_right(wrong), **filled, nonce=key)
        again = press(admin, put_right(wrong), **filled, nonce=key)

        entry = Compensation.objects.get()
        said = page.content.decode()
        assert page.redirect_chain == [(SIX, 302)]
        assert f"{wrong.number} is put right: entry {entry.number}." in said
        assert "Checked again: this holds now." in said
        assert "Edited past the shop" in said
        assert "This was done already." in again.content.decode()
        assert (entry.actor_label, entry.reason) == ("admin@example.com", "Edited past the shop")
        assert statuses(admin.get(BOOKS))[6] == "ok"

    def test_the_orders_story_tells_of_it_once(self, wrong, admin, operations):
        restated = f"captured {wrong.captured_total} → {wrong.captured_total - 1}"
        seen = press(admin, put_right(wrong), reason="Edited past the shop").context["plan"]
        filled = {"reason": "Edited past the shop", "plan_hash": seen.plan_hash}
        press(admin, put_right(wrong), **filled)

        page = operations.get(f"/admin/orders/order/{wrong.pk}/change/")
        story = [(step.who, step.what) for step in page.context["timeline"].steps]

        entry = Compensation.objects.get()
        text = f"Put right by {entry.number}: {wrong.number}: {restated}. Edited past the shop"
        assert story[0] == ("admin@example.com", [text, "Payment status: overpaid → paid"])

    def test_what_somebody_else_put_right_meanwhile_is_said_and_left_alone(self, wrong, admin):
        seen = press(admin, put_right(wrong), reason="Mine").context["plan"]
        press(admin, put_right(wrong), reason="Theirs", plan_hash=seen.plan_hash)

        page = press(admin, put_right(wrong), reason="Mine", plan_hash=seen.plan_hash)

        assert page.status_code == 409
        assert "This is in order by now. Nothing was written." in page.content.decode()
        assert Compensation.objects.get().reason == "Theirs"

    @pytest.mark.parametrize("role", set(Role) - {Role.ADMIN})
    def test_only_an_admin_may(self, wrong, role):
        browser = browser_of(role=role)

        assert browser.get(put_right(wrong)).status_code == 403
        assert press(browser, put_right(wrong), reason="Mine").status_code == 403
        assert not Compensation.objects.exists()

    @pytest.mark.parametrize(
        "key", ["6-order", "x-order-1", "6-planet-1", "5-order-1", "6-order-x", f"6-order-{10**19}"]
    )
    def test_a_page_of_what_cannot_be_put_right_is_not_there(self, shop, admin, key):
        assert admin.get(f"{BOOKS}put-right/{key}/").status_code == 404

    def test_stock_asks_what_was_counted(self, shop, admin):
        shift = "UPDATE stock_stockitem SET on_hand = on_hand + 1 WHERE id = {}"
        break_books(shift.format(shop.stock.pk))
        url = f"{BOOKS}put-right/1-stock-{shop.stock.pk}/"

        without = press(admin, url, reason="Counted")
        seen = press(admin, url, reason="Counted", counted="9")

        assert without.status_code == 400
        assert "On hand in the ledger" in seen.content.decode()
        done = press(
            admin, url, reason="Counted", counted="9", plan_hash=seen.context["plan"].plan_hash
        )
        assert "Checked again: this holds now." in done.content.decode()
        shop.stock.refresh_from_db()
        assert shop.stock.on_hand == 9
        entry = Compensation.objects.get()
        card = admin.get(f"/admin/stock/stockitem/{shop.stock.pk}/change/").content.decode()
        assert entry.number in card


class TestAgeing:
    def ageing(self, *, minutes):
        found = check_invariants(at=clock.now() + timedelta(minutes=minutes), numbers={15})
        return {row.what: row.about for row in found[0].rows}

    def test_a_refund_may_be_in_limbo_for_an_hour(self, shop):
        refund = refund_online(shop, "unreachable")

        assert refund.number not in self.ageing(minutes=59)
        assert self.ageing(minutes=61)[refund.number] == "refund"

    def test_a_notice_may_wait_for_ten_minutes(self, shop):
        unexplained_money(fact="waits:1", kind="waits", outcome="received", processed_at=None)

        assert self.ageing(minutes=9) == {}
        assert self.ageing(minutes=11) == {"paystack waits": "event"}

    def test_what_waits_is_amber_and_the_books_balance_all_the_same(self, shop, admin):
        unexplained_money(
            fact="waits:1",
            outcome="received",
            processed_at=None,
            received_at=clock.now() - timedelta(minutes=11),
        )

        page = press(admin, CHECK)

        assert statuses(page)[15] == "amber"
        assert BooksCheck.objects.newest().status == "ageing"
        assert admin.get("/admin/").context["tiles"][-1]["value"] == "Something waits"
