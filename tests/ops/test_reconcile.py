"""reconcile: every invariant holds in a healthy shop, and each one can fail."""

import re
from contextlib import nullcontext
from datetime import timedelta

import pytest
from procrastinate.contrib.django import app

from mdv.kernel import clock
from mdv.ops import reconcile
from mdv.ops.invariants import INVARIANTS, Level
from mdv.ops.management.commands.reconcile import Command
from mdv.ops.models import BooksCheck
from mdv.ops.tasks import check_books_nightly
from shop.orders.models import Order
from tests.catalog.clients import Caller
from tests.ops.books import break_books, open_shop, stock_items, without
from tests.ops.broken_books import PLANTED
from tests.orders.ordering import sell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def numbers(transactional_db):
    numbers = open_shop()
    sell("RARE", stock=0)
    ids = dict(Order.objects.values_list("number", "id"))
    return {
        **numbers,
        **{f"{what}_id": ids[number] for what, number in numbers.items()},
        **stock_items(),
        "year": clock.now().year,
    }


@pytest.fixture
def run(capsys):
    """Run the command as from a shell; return its exit code and what it printed."""

    def run_command():
        capsys.readouterr()
        try:
            Command().run_from_argv(["manage.py", "reconcile"])
        except SystemExit as end:
            return end.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return run_command


def test_in_a_healthy_shop_every_invariant_is_named_and_holds(numbers, run):
    code, printed = run()

    assert code == 0
    assert printed.splitlines() == [
        *(f"ok    {one.number:>2} {one.sentence}" for one in INVARIANTS),
        "The books balance: 15 invariants hold.",
    ]
    check = BooksCheck.objects.get()
    assert (check.status, check.asked_by) == ("ok", "manage.py reconcile")
    assert [(one.number, one.status, one.count) for one in check.findings] == [
        (one.number, "ok", 0) for one in INVARIANTS
    ]


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_what_is_wrong_is_found_and_named(planted, numbers, run):
    with without(*planted.check) if planted.check else nullcontext():
        break_books(*(statement.format(**numbers) for statement in planted.statements))
        code, printed = run()

    assert code == 1
    assert failing(printed) == planted.noticed_by
    assert planted.said.format(**numbers) in printed


def failing(printed):
    return {int(number) for number in re.findall(r"^FAIL +(\d+) ", printed, re.MULTILINE)}


def test_every_invariant_is_broken_above():
    noticed = set.union(*(planted.noticed_by for planted in PLANTED.values()))

    assert noticed == {one.number for one in INVARIANTS if one.level == Level.RED}


def test_of_many_broken_rows_the_first_twenty_are_shown(numbers, run):
    for number in range(30):
        sell(f"SKU-{number:02}", stock=1)
    break_books("UPDATE stock_stockitem SET on_hand = on_hand + 1")

    _, printed = run()

    assert printed.count("; reserved ") == 20
    assert "        and 13 more\n" in printed
    assert BooksCheck.objects.get().finding(1).count == 33
    assert "SKU-16: " in printed
    assert "SKU-17: " not in printed


class TestNightly:
    def test_it_runs_once_a_night(self):
        crons = [
            task.cron
            for (name, _), task in app.periodic_registry.periodic_tasks.items()
            if name == "ops.check_books"
        ]

        assert crons == ["47 3 * * *"]

    def test_balanced_books_are_kept_as_a_fact_and_health_says_so(self, numbers):
        before = clock.now()

        check_books_nightly()

        check = BooksCheck.objects.get()
        assert (check.status, check.asked_by) == ("ok", "")
        assert before <= check.checked_at <= clock.now()
        assert health_of_books() == "ok"

    def test_unbalanced_ones_are_an_error_in_the_log_and_degrade_health(self, numbers, caplog):
        break_books("UPDATE orders_order SET tax_total = 1 WHERE status = 'pending'")

        check_books_nightly()

        check = BooksCheck.objects.get()
        (wrong,) = [found for found in check.findings if found.count]
        assert (check.status, wrong.number, wrong.status) == ("unbalanced", 5, "red")
        assert numbers["pending"] in {row.what for row in wrong.rows}
        errors = [record.msg for record in caplog.records if record.levelname == "ERROR"]
        assert [error["event"] for error in errors] == ["books_unbalanced"]
        assert errors[0]["failures"][0]["number"] == 5
        assert health_of_books() == "unbalanced"

    def test_only_the_newest_checks_are_kept(self, transactional_db, monkeypatch):
        monkeypatch.setattr(reconcile, "CHECKS_KEPT", 3)
        now = clock.now()
        for days in range(1, 6):
            BooksCheck.objects.create(checked_at=now - timedelta(days=days))

        check_books_nightly()

        kept = BooksCheck.objects.order_by("-checked_at").values_list("checked_at", flat=True)
        assert list(kept)[1:] == [now - timedelta(days=1), now - timedelta(days=2)]
        assert len(kept) == 3

    def test_checking_changes_nothing_and_locks_nobody_out(self, numbers):
        before = list(Order.objects.order_by("id").values())

        check_books_nightly()

        assert list(Order.objects.order_by("id").values()) == before


def health_of_books():
    answer = Caller().client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")  # no worker here
    return answer.json()["checks"]["books"]["status"]
