"""The time machine: orders, payments and stock at any instant, on the page and on the command."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from audit.replay import Standing
from mdv.kernel import clock
from mdv.ops.management.commands.time_machine import Command
from mdv.ops.time_machine.orders import OrderTrail, order_named
from mdv.ops.time_machine.stock import stock_then
from refunds.models import CreditNote, Refund, RefundLine, Return, ReturnLine
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment
from shop.stock.models import StockItem
from shop.stock.services import adjust_stock, receive_stock
from tests.ops.books import PRICE, open_shop

pytestmark = pytest.mark.django_db(transaction=True)

A_MICROSECOND = timedelta(microseconds=1)
HOLDING = ("pending", "paid", "overpaid", "partly_paid", "pay_at_pickup", "half_price", "free")


@pytest.fixture
def numbers(transactional_db):
    return open_shop()


@pytest.fixture
def run(capsys):
    """Run the command as from a shell; return its exit code, what it printed, and its complaint."""

    def run_command(*arguments):
        capsys.readouterr()
        try:
            Command().run_from_argv(["manage.py", "time_machine", *arguments])
        except SystemExit as end:
            return end.code, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return run_command


def trail_of(number):
    return OrderTrail(order_named(number))


def test_an_order_is_as_it_was_before_its_refund(numbers):
    trail = trail_of(numbers["sent_back"])
    refunded = Refund.objects.get(order__number=numbers["sent_back"])
    before = next(
        moment.at
        for moment in trail.moments()
        if any(entry.object_repr == refunded.number for entry in moment.entries)
    )

    then, today = trail.at(before - A_MICROSECOND), trail.at()

    assert (then.order["status"], then.order["payment_status"]) == ("completed", "paid")
    assert (then.order["captured_total"], then.order["refunded_total"]) == (PRICE, Decimal(0))
    assert [len(then.parts(kind)) for kind in (Refund, RefundLine, CreditNote)] == [0, 0, 0]
    (payment,) = then.parts(Payment)
    assert (payment["captured"], payment["refund_committed"]) == (PRICE, Decimal(0))
    (back,) = then.parts(Return)
    assert back["state"] == "closed"
    assert today.order["payment_status"] == "refunded"
    assert [len(today.parts(kind)) for kind in (Refund, RefundLine, CreditNote)] == [1, 1, 1]


def test_at_every_moment_every_counter_is_what_its_ledger_made_then(numbers):
    compared = 0
    for number in numbers.values():
        trail = trail_of(number)
        for moment in trail.moments():
            counters = trail.at(moment.at).counters()
            assert [str(one) for one in counters if not one.agrees] == []
            compared += len(counters)

    assert compared > 400


def test_a_parcels_way_is_seen_step_by_step(numbers):
    trail = trail_of(numbers["came_back"])

    seen = []
    for moment in trail.moments():
        then = trail.at(moment.at)
        state = [parcel["state"] for parcel in then.parts(Shipment)]
        (line,) = then.parts(OrderLine)
        told = (*state, line["qty_shipped"], line["qty_returned"])
        if told not in seen:
            seen.append(told)

    assert seen == [
        (0, 0),
        ("packing", 0, 0),
        ("ready", 0, 0),
        ("dispatched", 1, 0),
        ("returned_to_sender", 1, 1),
    ]
    assert [row["quantity"] for row in trail.at().parts(ShipmentLine)] == [1]


def test_what_came_back_is_seen_when_it_came(numbers):
    trail = trail_of(numbers["sent_back"])

    counts = [
        tuple(line[name] for name in ("requested", "approved", "received", "restocked"))
        for moment in trail.moments()
        for line in trail.at(moment.at).parts(ReturnLine)
    ]

    assert list(dict.fromkeys(counts)) == [(1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 1)]


def test_before_it_was_placed_there_was_no_order_and_no_counter(numbers):
    then = trail_of(numbers["paid"]).at(datetime(2020, 1, 1, tzinfo=UTC))

    assert then.order.standing == Standing.NOT_YET
    assert (then.rows, then.counters()) == ([], [])


def test_an_order_is_whole_whoever_was_still_writing_about_it(numbers):
    trail = trail_of(numbers["paid"])
    placed = trail.moments()[0]
    first = placed.entries[0].timestamp

    assert first < placed.at
    assert trail.at(first).order.standing == Standing.NOT_YET
    assert trail.at(placed.at).order.standing == Standing.THERE
    assert len(trail.at(placed.at).parts(OrderLine)) == 1


def test_stock_is_as_its_ledger_had_it_with_what_each_order_held(numbers):
    item = StockItem.objects.get(variant__sku="SHIRT")
    movements = list(item.movements.order_by("seq"))
    since = clock.now()
    receive_stock(variant_id=item.variant_id, quantity=5)
    adjust_stock(variant_id=item.variant_id, delta=-2, reason="Moths")

    item = StockItem.objects.select_related("variant").get(pk=item.pk)
    second, then, today = (stock_then(item, at=at) for at in (movements[1].created_at, since, None))

    assert levels(second) == (100, 1, 99, 2)
    assert second.held == [(numbers["pending"], 1)]
    assert levels(then) == (100, 7, 93, len(movements))
    assert dict(then.held) == {numbers[what]: 1 for what in HOLDING}
    assert then.held_by_others == 0
    assert levels(today) == (103, 7, 96, len(movements) + 2)
    assert all(one.agrees for one in (*second.counters, *then.counters, *today.counters))


def levels(then):
    level = then.level
    return level.on_hand, level.reserved, level.available, level.last_seq


def test_the_command_tells_an_order_in_plain_text(numbers, run):
    number = numbers["sent_back"]

    code, printed, _ = run("order", number)

    assert code == 0
    assert printed.startswith(f"Order {number}, now: there\n")
    assert "  payment status: refunded\n" in printed
    assert "  access salt: unknown, not kept\n" in printed
    assert f"  order {number}, refunded total: 1500.00, ledger 1500.00: agrees\n" in printed
    assert "Refund RF-" in printed
    assert "differs" not in printed


def test_the_command_tells_of_a_moment_before_and_in_json(numbers, run):
    number = numbers["sent_back"]
    placed = trail_of(number).moments()[0].at

    code, printed, _ = run("order", number, "--at", placed.isoformat(), "--json")

    told = json.loads(printed)
    assert code == 0
    assert (told["standing"], told["order"]["status"]) == ("there", "pending")
    assert told["order"]["access_salt"] == {"unknown": "not kept"}
    assert (told["payments"], told["refunds"], len(told["order_lines"])) == ([], [], 1)
    assert {one["verdict"] for one in told["counters"]} == {"agrees"}
    early = (placed - A_MICROSECOND).isoformat()
    assert run("order", number, "--at", early)[1].endswith(": not there yet\n")


def test_the_command_tells_a_payment_with_its_refunds_and_nothing_else(numbers, run):
    code, printed, _ = run("payment", "sent_back")

    assert code == 0
    assert "Payment sent_back\n" in printed
    assert "  refund committed: 1500.00\n" in printed
    assert "Refund RF-" in printed
    assert "Parcel" not in printed
    assert "payment sent_back, refunded: 1500.00, ledger 1500.00: agrees" in printed
    (told,) = json.loads(run("payment", "sent_back", "--json")[1])["payments"]
    assert told["order"] == numbers["sent_back"]
    assert [one["captured"] for one in told["payments"]] == ["1500.00"]


def test_the_command_tells_stock(numbers, run):
    code, printed, _ = run("stock", "SHIRT")

    assert code == 0
    assert "  on hand: 100\n  reserved: 7\n  available: 93\n" in printed
    assert f"  held by {numbers['pending']}: 1\n" in printed
    told = json.loads(run("stock", "SHIRT", "--at", "2020-01-01", "--json")[1])
    assert (told["on_hand"], told["last_movement"], told["held"]) == (0, 0, {})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["order", "M-NONE"], "The trail knows no order M-NONE."),
        (["payment", "NONE"], "The trail knows no payment NONE."),
        (["stock", "NONE"], "There never was any stock of NONE."),
        (["order", "M-NONE", "--at", "yesterday"], "yesterday is no moment such as"),
        (["order", "M-NONE", "--at", "2999-01-01"], "2999-01-01 00:00:00.000000 UTC has not come"),
        (["order"], "Say what to look at"),
        ([], "Say what to look at"),
        (["cart", "X"], "invalid choice: 'cart'"),
        (["--check", "M-NONE"], "The trail knows no order M-NONE."),
        (["order", "M-NONE", "--check"], "--check takes nothing but the number of an order."),
    ],
)
def test_what_cannot_be_asked_for_is_told_and_ends_with_2(transactional_db, run, arguments, said):
    code, printed, complaint = run(*arguments)

    assert (code, printed) == (2, "")
    assert said in complaint


def test_looking_back_reads_the_same_while_others_write(numbers):
    number = numbers["paid"]
    at = clock.now()
    seen = trail_of(number).at(at)
    Order.objects.filter(number=number).update(phone="0801")

    again = trail_of(number).at(at)

    assert (again.order, again.rows) == (seen.order, seen.rows)
    assert trail_of(number).at().order["phone"] == "0801"
