"""The parts of a drill: wishes by their seed, victims in turn, journals, the printed table."""

import json
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest

from mdv.ops.drill import killing
from mdv.ops.drill.killing import Killer, children_of
from mdv.ops.drill.plan import HOT, Fate, attempt_of, stock_of, total_of
from mdv.ops.drill.providers import read_journal
from mdv.ops.drill.table import failing, lines_of
from mdv.ops.local.programs import Program

SLEEP = "import time; time.sleep(600)"


class TestWishes:
    def test_the_same_seed_has_the_same_wishes(self):
        def wishes(seed):
            attempts = [attempt_of(seed, number) for number in range(50)]
            return [(one.lines, list(one.lines), one.fate, one.provider) for one in attempts]

        assert wishes(1) == wishes(1)
        assert wishes(1) != wishes(2)

    def test_of_what_is_hot_more_is_asked_for_than_there_is_and_nothing_is_given_back(self):
        attempts = [attempt_of(3, number) for number in range(300)]
        asked = sum((Counter(one.lines) for one in attempts), Counter())
        hot = [one for one in attempts if one.lines.keys() <= set(HOT)]

        assert all(asked[sku] > 2 * stock_of(sku, 300) for sku in HOT)
        gives_back = {Fate.CANCELLED, Fate.REFUNDED_IN_PART, Fate.REFUNDED_IN_FULL}
        assert not gives_back & {one.fate for one in hot}
        assert {one.fate for one in attempts} == set(Fate)
        assert {tuple(one.lines) for one in hot} > {("HOT-1", "HOT-2"), ("HOT-2", "HOT-1")}

    def test_an_order_costs_its_units_and_the_delivery(self):
        assert total_of({"HOT-1": 2, "HOT-2": 1}) == Decimal(2 * 1000 + 1250 + 500)


class TestKilling:
    @pytest.fixture
    def shop(self):
        """A program with two processes of its own, and one without: web and worker."""
        script = (
            "import subprocess, sys, time\n"
            f"for _ in range(2): subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
            f"print('ready', flush=True); {SLEEP}"
        )
        web, worker = (Program(name, [], {}) for name in ("web", "worker"))
        web.process = subprocess.Popen(  # noqa: S603  (our own words)
            [sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True
        )
        worker.process = subprocess.Popen([sys.executable, "-c", SLEEP])  # noqa: S603
        assert web.process.stdout.readline() == b"ready\n"
        yield web, worker
        os.killpg(web.process.pid, 9)
        worker.process.kill()
        for program in (web, worker):
            program.process.wait()
        web.process.stdout.close()

    def test_it_takes_turns_spread_over_the_attempts(self, shop):
        web, worker = shop
        killer = Killer(kills=2, attempts=300, seed=1, web=web, worker=worker)

        killer.look_on(99)
        assert killer.killed == {}
        killer.look_on(100)
        assert killer.killed == {"web processes": 1}
        assert not worker.has_ended
        killer.look_on(200)
        assert killer.killed == {"web processes": 1, "workers": 1}
        assert worker.process.wait() == -9
        killer.look_on(300)
        assert killer.killed.total() == 2

    def test_the_third_time_no_web_process_is_left(self, shop):
        web, worker = shop
        killer = Killer(kills=3, attempts=3, seed=1, web=web, worker=worker)

        killer.look_on(3)

        # Until their parent looks, those that were killed are still in the list.
        assert killer.killed == {"web processes": 3, "workers": 1}

    def test_children_are_found_without_proc_too(self, shop, monkeypatch, tmp_path):
        web, _ = shop
        by_proc = children_of(web.process.pid)

        monkeypatch.setattr(killing, "PROC", tmp_path / "none")

        assert len(by_proc) == 2
        assert sorted(children_of(web.process.pid)) == sorted(by_proc)


class TestJournal:
    def test_it_tells_each_charge_and_refund_once_however_often_it_was_told(self, tmp_path):
        journal = tmp_path / "journal"
        charge = {"event": "charge.success", "data": {"id": 7, "reference": "P-1", "amount": 12345}}
        session = {"id": "cs_1", "client_reference_id": "P-2", "amount_total": 5000}
        paid = {"payment_status": "paid", **session}
        unpaid = {"payment_status": "unpaid", **session, "id": "cs_2"}
        refund = {"id": "re_1", "amount": 100, "metadata": {"key": "rf-1-1"}}
        asked = json.dumps({"amount": 250, "merchant_note": "key=rf-2-1"})
        entries = [
            notice("paystack", charge),
            notice("paystack", charge, status=503),
            notice("stripe", of_stripe("checkout.session.completed", paid)),
            notice("stripe", of_stripe("checkout.session.completed", unpaid)),
            notice("stripe", of_stripe("refund.created", refund)),
            notice("stripe", of_stripe("refund.created", refund)),
            notice("stripe", of_stripe("charge.refunded", {})),
            call("paystack", "/refund", asked),
            call("paystack", "/refund", asked, status=400),
            call("paystack", "/refund", "", method="GET"),
        ]
        journal.write_text("".join(json.dumps(entry) + "\n" for entry in entries))

        books = read_journal(journal)

        assert books.charges == {
            "paystack-7": ("P-1", Decimal("123.45")),
            "cs_1": ("P-2", Decimal("50.00")),
        }
        assert sorted(books.refunds.values()) == [
            ("rf-1-1", Decimal("1.00")),
            ("rf-2-1", Decimal("2.50")),
        ]
        assert (books.deliveries, books.failed_deliveries) == (6, 1)

    def test_a_refund_that_was_asked_of_paystack_twice_was_given_twice(self, tmp_path):
        journal = tmp_path / "journal"
        asked = json.dumps({"amount": 250, "merchant_note": "key=rf-2-1"})
        journal.write_text((json.dumps(call("paystack", "/refund", asked)) + "\n") * 2)

        assert [key for key, _ in read_journal(journal).refunds.values()] == ["rf-2-1", "rf-2-1"]


def notice(provider, told, *, status=200):
    return {"provider": provider, "notice": json.dumps(told), "attempt": 1, "status": status}


def of_stripe(kind, thing):
    return {"type": kind, "data": {"object": thing}}


def call(provider, path, body, *, method="POST", status=200):
    asked = {"provider": provider, "method": method, "path": path, "body": body, "key": ""}
    return asked | {"status": status}


class TestTable:
    REPORT = {
        "figures": {
            "attempts": 100,
            "clients": 8,
            "seed": 1,
            "seconds": 20.0,
            "seconds_to_rest": 3.0,
            "fates": {"paid": 60, "sold out": 40},
            "orders": 60,
            "payments": 60,
            "refunds": 0,
            "answers": {"201": 60, "409 out_of_stock": 40},
            "killed": {},
            "connections_lost": 0,
            "notices_taken": 60,
            "notices_not_taken": 0,
        },
        "proofs": [
            {"name": "good", "expected": "1", "found": "1", "wrong": [], "holds": True},
            {
                "name": "bad",
                "expected": "0",
                "found": "7",
                "wrong": [f"M-{n}" for n in range(7)],
                "holds": False,
            },
        ],
    }

    def test_it_says_what_was_done_and_names_what_is_wrong(self):
        lines = list(lines_of(self.REPORT))

        assert lines[0] == (
            "100 attempts by 8 clients in 20.0 s (5.0 a second), seed 1; at rest 3.0 s later"
        )
        assert "  killed: nothing; connections lost: 0" in lines
        assert [line.split() for line in lines[-8:]] == [
            ["ok", "good", "1", "1"],
            ["FAIL", "bad", "0", "7"],
            *([f"M-{n}"] for n in range(5)),
            ["…", "and", "2", "more"],
        ]
        assert failing(self.REPORT) == ["bad"]
