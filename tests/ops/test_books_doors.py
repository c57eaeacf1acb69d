"""The books over the API and for monitors: how they were found, and finding out now."""

from datetime import timedelta

import pytest
from django.test import Client

from mdv.accounts.roles import RIGHTS, Role
from mdv.kernel import clock
from mdv.ops import books_views
from mdv.ops.check_now import Check
from mdv.ops.invariants import INVARIANTS
from mdv.ops.models import BooksCheck
from mdv.ops.reconcile import check_books
from tests.accounts.people import make_staff
from tests.catalog.clients import Caller, logged_in
from tests.ops.books import break_books
from tests.orders.ordering import sell

WRONG = "UPDATE stock_stockitem SET on_hand = on_hand + 1"
ROW = {
    "about": "stock",
    "what": "SHIRT",
    "problem": "on hand 6, movements say 5; reserved 0, movements say 0",
}


@pytest.fixture
def shirts(transactional_db):
    return sell("SHIRT", stock=5)


@pytest.mark.django_db(transaction=True)
class TestApi:
    def test_the_last_check_is_shown_with_what_is_wrong(self, shirts):
        break_books(WRONG)
        at = clock.now()
        check_books(at=at)

        body = logged_in(Role.AUDITOR).get("/staff/books").json()

        assert (body["status"], body["asked_by"]) == ("unbalanced", "")
        assert body["checked_at"] == at.isoformat().replace("+00:00", "Z")
        assert [one["number"] for one in body["invariants"]] == [one.number for one in INVARIANTS]
        first = body["invariants"][0]
        assert (first["status"], first["count"], first["rows"]) == ("red", 1, [ROW])
        assert first["sentence"] == "Stock equals the sum of its movements."
        assert {one["status"] for one in body["invariants"][1:]} == {"ok"}

    def test_before_the_first_check_there_is_nothing_to_show(self, shirts):
        body = logged_in(Role.ADMIN).get("/staff/books").json()

        assert body == {
            "status": "not_checked",
            "checked_at": None,
            "asked_by": "",
            "invariants": [],
        }

    def test_they_are_checked_at_once(self, shirts):
        auditor = logged_in(Role.AUDITOR)
        break_books(WRONG)

        answer = auditor.send("POST", "/staff/books/check")

        body = answer.json()
        assert (answer.status_code, body["status"], body["is_queued"]) == (200, "unbalanced", False)
        assert body["asked_by"] == "auditor@example.com" == BooksCheck.objects.get().asked_by

    def test_what_takes_too_long_is_left_to_a_worker(self, shirts, monkeypatch):
        monkeypatch.setattr(books_views, "check_now", lambda **_: Check.QUEUED)

        answer = logged_in(Role.ADMIN).send("POST", "/staff/books/check")

        assert (answer.status_code, answer.json()["is_queued"]) == (202, True)
        assert answer.json()["status"] == "not_checked"

    def test_checking_is_limited(self, shirts, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "books": "1/d"}
        admin = logged_in(Role.ADMIN)

        answers = [admin.send("POST", "/staff/books/check").status_code for _ in range(2)]

        assert answers == [200, 429]
        assert BooksCheck.objects.count() == 1

    @pytest.mark.parametrize("role", Role)
    def test_who_may_see_and_who_may_check_is_in_the_table_of_roles(self, role, transactional_db):
        caller = logged_in(role)

        seen = caller.get("/staff/books").status_code
        checked = caller.send("POST", "/staff/books/check").status_code

        assert (seen == 200) == (role in RIGHTS["ops.view_bookscheck"])
        assert (checked == 200) == (role in RIGHTS["ops.check_books"])
        assert {seen, checked} <= {200, 403}

    def test_strangers_get_nowhere(self, transactional_db):
        assert Caller().get("/staff/books").status_code == 401
        assert Caller().send("POST", "/staff/books/check").status_code == 401
        assert not BooksCheck.objects.exists()


@pytest.mark.django_db
class TestForMonitors:
    @pytest.mark.parametrize(
        ("age", "found", "status", "code"),
        [
            (timedelta(0), "ok", "ok", 200),
            (timedelta(0), "ageing", "ageing", 200),
            (timedelta(0), "unbalanced", "unbalanced", 503),
            (timedelta(hours=49), "ok", "overdue", 503),
            (timedelta(hours=49), "unbalanced", "unbalanced", 503),
        ],
    )
    def test_the_status_is_an_alarm_where_the_books_are_wrong_or_nobody_looks(
        self, client, age, found, status, code
    ):
        checked_at = clock.now() - age
        BooksCheck.objects.create(checked_at=checked_at, status=found)

        answer = client.get("/health/books")

        assert (answer.status_code, answer.json()["status"]) == (code, status)
        assert answer.json()["checked_at"] == checked_at.isoformat()
        assert client.get("/health").status_code == 200
        assert client.get("/health/live").status_code == 200

    def test_a_shop_that_is_new_was_not_checked_and_that_is_no_alarm(self, client):
        answer = client.get("/health/books")

        assert (answer.status_code, answer.json()["status"]) == (200, "not_checked")

    def test_everybody_has_the_words_and_staff_the_figures(self, client):
        now = clock.now()
        found = {
            "number": 1,
            "status": "red",
            "count": 3,
            "rows": [["stock", 1, "SHIRT", "wrong"]],
            "took_ms": 1.5,
            "checked_at": now.isoformat(),
        }
        BooksCheck.objects.create(checked_at=now, status="unbalanced", outcomes=[found])
        staff = Client()
        staff.force_login(make_staff(Role.SUPPORT))

        assert client.get("/health/books").json()["invariants"] == [{"number": 1, "status": "red"}]
        assert staff.get("/health/books").json()["invariants"] == [
            {
                "number": 1,
                "status": "red",
                "count": 3,
                "took_ms": 1.5,
                "checked_at": now.isoformat(),
            }
        ]
