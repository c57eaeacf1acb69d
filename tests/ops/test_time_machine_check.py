"""`time_machine --check`: silent where all is right, and whatever is planted is named."""

import re

import pytest
from django.db.models import TextField
from django.db.models.functions import Cast

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.management.commands.time_machine import Command
from mdv.ops.time_machine import checking
from mdv.ops.time_machine.checking import CHECKED, check_everything, check_order
from mdv.ops.time_machine.orders import OrderTrail
from refunds.models import WriteOff
from shop.orders.models import MissingAcceptance, Order, OrderLine
from shop.orders.services import accept_missing, cancel_order
from shop.stock.services import receive_stock
from tests.ops.books import break_books, open_shop, stock_items
from tests.payments.notices import SECRET
from tests.refunds.refunding import pay_online, person
from tests.refunds.test_due_again import take_back
from tests.refunds.test_write_offs import charged_back, write_off

pytestmark = pytest.mark.django_db(transaction=True)

# What the shop has none of.
NONE_OF = {"order notes", "write offs", "acceptances of missing money"}

# What is done behind the services' backs, and what is said of it; in braces what the shop calls it.
PLANTED = {
    "a column edited past the triggers": (
        "UPDATE orders_order SET phone = '0801' WHERE id = {paid_id}",
        "order {paid} (id {paid_id}): phone is 0801, the trail says ",
    ),
    "a column emptied": (
        "UPDATE orders_order SET confirmed_at = NULL WHERE id = {pay_at_pickup_id}",
        (
            "order {pay_at_pickup} (id {pay_at_pickup_id}): confirmed_at is empty, "
            "the trail says {confirmed}"
        ),
    ),
    "a column of a table below": (
        "UPDATE fulfilment_shipment SET carrier = 'DHL' WHERE order_id = {completed_id}",
        "parcel {completed}-1 (id {parcel_id}): carrier is DHL, the trail says GIG",
    ),
    "a creation that the trail lacks": (
        "DELETE FROM audit_auditentry WHERE event = 'created' AND object_repr = '{overpaid}'",
        (
            "order {overpaid} (id {overpaid_id}): row is there, its creation is missing, "
            "the trail says nothing"
        ),
    ),
    "a row that the trail has nothing of": (
        "DELETE FROM audit_auditentry WHERE object_repr = 'partly_paid'",
        "payment partly_paid (id {partly_paid_payment}): row is there, the trail says nothing",
    ),
    "the last change lost": (
        (
            "DELETE FROM audit_auditentry WHERE order_id = {half_price_cancelled_id} "
            "AND object_repr = 'SHIRT' AND event = 'changed'"
        ),
        "order line SHIRT (id {half_price_cancelled_line}): qty_cancelled is 1, the trail says 0",
    ),
    "a change in between lost": (
        "DELETE FROM audit_auditentry WHERE id = {step_in_between}",
        (
            "parcel {sent_back}-1 (id {sent_back_parcel}): state is ready "
            "before entry {next_step}, the trail says packing"
        ),
    ),
    "a row deleted past the triggers": (
        "DELETE FROM orders_invoice WHERE order_id = {free_id}",
        (
            "invoice {free_invoice} (id {free_invoice_id}): row is nothing, the trail says "
            "it was never deleted"
        ),
    ),
    "a row that was deleted by the trail": (
        (
            "UPDATE audit_auditentry SET action = 2 WHERE object_repr = '{on_its_way}-1' "
            "AND id = {last_of_parcel}"
        ),
        "parcel {on_its_way}-1 (id {on_its_way_parcel}): row is there, the trail says deleted",
    ),
    "a counter that is not its ledger": (
        "UPDATE refunds_refundline SET amount = amount - 1",
        "order line HAT (id {sent_back_line}): refunded is 1500.00, the ledger says 1499.00",
    ),
    "a movement removed": (
        "DELETE FROM stock_stockmovement WHERE item_id = {hat} AND seq = 3",
        "stock item {hat_variant} (id {hat}): reserved is 0, the ledger says -1",
    ),
    "a receipt removed": (
        "DELETE FROM refunds_returnreceipt",
        "return line {sent_back_line} (id {return_line}): received is 1, the ledger says 0",
    ),
}


@pytest.fixture
def names(transactional_db):
    """What the shop calls its things."""
    numbers = open_shop()
    orders = {order.number: order for order in Order.objects.select_related("invoice")}
    found = {**numbers, **stock_items()}
    for what, number in numbers.items():
        order = orders[number]
        found |= {f"{what}_id": order.pk, f"{what}_line": order.lines.get().pk}
        found |= {f"{what}_payment": one.pk for one in order.payments.all()}
        found |= {f"{what}_parcel": one.pk for one in order.shipments.all()}
    steps = AuditEntry.objects.filter(object_repr=f"{numbers['sent_back']}-1").order_by("id")
    of_parcel = AuditEntry.objects.filter(object_repr=f"{numbers['on_its_way']}-1")
    free = orders[numbers["free"]]
    return found | {
        "confirmed": _stored("confirmed_at", found["pay_at_pickup_id"]),
        "parcel_id": found["completed_parcel"],
        "step_in_between": steps[1].pk,
        "next_step": steps[2].pk,
        "last_of_parcel": of_parcel.latest("id").pk,
        "free_invoice": free.invoice.number,
        "free_invoice_id": free.invoice.pk,
        "hat_variant": OrderLine.objects.get(pk=found["sent_back_line"]).variant_id,
        "return_line": OrderLine.objects.get(pk=found["sent_back_line"]).return_lines.get().pk,
    }


def _stored(column, pk):
    """What the database writes for it."""
    return Order.objects.values_list(Cast(column, TextField()), flat=True).get(pk=pk)


@pytest.fixture
def run(capsys):
    """Run the check as from a shell; return its exit code, what it printed, and its complaint."""

    def run_command(*arguments):
        capsys.readouterr()
        try:
            Command().run_from_argv(["manage.py", "time_machine", "--check", *arguments])
        except SystemExit as end:
            return end.code, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return run_command


def differences(compared):
    return {str(one) for part in compared for one in part.differences}


def test_where_all_is_right_it_says_what_was_compared(names, run, monkeypatch):
    monkeypatch.setattr(checking, "ROWS_AT_ONCE", 3)

    code, printed, _ = run()

    counts = {kind: int(n) for n, kind in re.findall(r"^ +(\d+) ([a-z ]+),", printed, re.MULTILINE)}
    assert code == 0
    assert counts["orders"] == Order.objects.count()
    assert counts == {
        str(model._meta.verbose_name_plural): model.objects.count() for model in CHECKED
    }
    assert min(counts[kind] for kind in counts.keys() - NONE_OF) > 0
    assert printed.splitlines()[-1].endswith(" s: the replay is what is there.")


def test_money_that_is_given_up_and_money_that_is_missing_is_compared_and_shown(names, settings):
    settings.PAYSTACK_SECRET_KEY = SECRET
    order = Order.objects.get(number=names["pending"])
    lead = person(Role.SUPERVISOR)
    payment = pay_online(order.number, order.total)
    take_back(payment, order.total)
    accept_missing(
        number=order.number, amount=order.total, reason="Pays.", user_id=lead, at=clock.now()
    )
    write_off(charged_back(payment, "100.00", number="dp_2"), lead)

    then = OrderTrail(order.pk).at()

    assert [row["amount"] for row in then.parts(MissingAcceptance)] == [order.total]
    assert [row["amount"] for row in then.parts(WriteOff)] == [100]
    assert differences(check_order(order.pk)) == set()


def test_whatever_is_planted_is_found_and_named(names, run):
    break_books(*(statement.format(**names) for statement, _ in PLANTED.values()))

    code, printed, complaint = run()

    told = {what: said.format(**names) for what, (_, said) in PLANTED.items()}
    assert {what for what, said in told.items() if said not in printed.splitlines()} == set()
    assert code == 1
    assert re.search(r": \d+ differences\.", complaint)


def test_one_order_is_compared_by_itself_and_alone(names, run):
    wrong = {"paid", "free", "on_its_way", "partly_paid"}
    planted = [
        (what, statement.format(**names), said.format(**names))
        for statement, said in PLANTED.values()
        for what in sorted(wrong)
        if f"{{{what}_id}}" in said or f"{{{what}_" in said
    ]
    for what, statement, said in planted:
        assert differences(check_order(names[f"{what}_id"])) == set()

        break_books(statement)

        assert said in differences(check_order(names[f"{what}_id"]))
    assert {what for what, *_ in planted} == wrong
    for what in ("pending", "cancelled", "came_back", "sent_back"):
        assert differences(check_order(names[f"{what}_id"])) == set()
    code, printed, _ = run(names["paid"])
    assert (code, printed.count("phone is 0801")) == (1, 1)


def test_it_still_holds_after_what_happens_next(names):
    cancel_order(number=names["pending"], reason="staff", at=clock.now())
    receive_stock(variant_id=names["hat_variant"], quantity=3)
    Order.objects.filter(number=names["paid"]).update(phone="0801")

    assert differences(check_everything()) == set()
