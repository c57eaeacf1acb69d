"""Books that are wrong are put right from the facts, by an entry that says who, why and what."""

from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel import clock, context
from mdv.kernel.errors import Forbidden, Invalid
from mdv.ops.compensation import (
    FactsContradict,
    ImbalanceHasChanged,
    ImbalanceIsGone,
    NoRemedy,
    compensate,
    find_imbalance,
    preview_compensation,
    remedy_for,
)
from mdv.ops.invariants import About
from mdv.ops.models import BooksCheck, Compensation
from mdv.ops.reconcile import check_again, check_books, check_invariants
from refunds.models import Refund, Return
from shop.catalog.models import Variant
from shop.orders.models import Order
from shop.pricing.models import Coupon
from shop.stock.models import StockItem, StockMovement
from shop.stock.services import BelowReserved
from tests.backoffice.test_roles import everything
from tests.ops.books import ADMIN, break_books, open_shop, stock_items, without
from tests.ops.broken_books import PLANTED
from tests.ops.compensations import CASES
from tests.refunds.refunding import person

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "The counter was edited past the shop"


@pytest.fixture
def known(transactional_db):
    """The little shop: numbers, ids and who works there."""
    numbers = open_shop()
    ids = dict(Order.objects.values_list("number", "id"))
    shirt = StockItem.objects.get(variant__sku="SHIRT")
    return {
        **numbers,
        **{f"{what}_id": ids[number] for what, number in numbers.items()},
        **stock_items(),
        "shirt_variant": Variant.objects.get(sku="SHIRT").pk,
        "half": Coupon.objects.get(code="HALF").pk,
        "refund_id": Refund.objects.get(credit_note__place=2).pk,
        "return_id": Return.objects.get(order__number=numbers["sent_back"]).pk,
        "year": clock.now().year,
        "last": shirt.last_seq,
        "next": shirt.last_seq + 1,
    }


@pytest.fixture(autouse=True)
def admin(known):
    """Somebody who does it, named in all that is written."""
    person = User.objects.get(email=ADMIN)
    actor = context.Actor(kind="user", id=person.pk, role="admin", label=person.email)
    with context.use(context.Context(source="admin", actor=actor, request_id="req-books")):
        yield person


def plant(name, known):
    planted = PLANTED[name]
    break_books(*(statement.format(**known) for statement in planted.statements))


def red():
    return {outcome.invariant.number for outcome in check_invariants() if outcome.is_red}


def write(found, *, plan_hash, **changes):
    asked = {"reason": REASON, "user_id": User.objects.get(email=ADMIN).pk, "at": clock.now()}
    return compensate(found, plan_hash=plan_hash, **{**asked, **changes})


def put_right(invariant, about, object_id, *, counted=None):
    found = find_imbalance(invariant=invariant, about=about, object_id=object_id)
    preview = preview_compensation(found, counted=counted)
    return write(found, plan_hash=preview.plan_hash, counted=counted)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_put_right_from_the_facts_and_nothing_else_changes(case, known, admin):
    check = PLANTED[case.planted].check
    with without(*check) if check else nullcontext():
        plant(case.planted, known)
        assert case.invariant in red()
        about, name = case.about
        before = everything()

        made = put_right(case.invariant, about, known[name], counted=case.counted)

        after = everything()
        changed = {table for table, digest in after.items() if digest != before[table]}
        assert changed == case.tables | {"ops_compensation"}
        assert red() == case.left
    says = [(one["what"], one["before"], one["after"]) for one in made.changes]
    assert says == [tuple(text.format(**known) for text in one) for one in case.says]
    entry = Compensation.objects.get()
    assert (entry.invariant, entry.about, entry.object_id) == (case.invariant, about, known[name])
    assert entry.found
    assert (entry.reason, entry.actor_id, entry.actor_label) == (REASON, admin.pk, ADMIN)
    assert entry.request_id == "req-books"


def test_a_movement_that_puts_a_level_right_names_the_entry_and_who_wrote_it(known, admin):
    plant("more on hand than moved", known)

    made = put_right(1, About.STOCK, known["shirt"], counted=98)

    last = StockMovement.objects.filter(item_id=known["shirt"]).latest("seq")
    assert (last.kind, last.d_on_hand, last.on_hand_after) == ("adjust", -2, 98)
    assert (last.source, last.reason, last.actor_id) == (made.number, REASON, admin.pk)


def test_two_imbalances_of_one_cause_are_put_right_one_after_the_other(known):
    plant("more shipped than is in parcels", known)

    put_right(10, About.ORDER, known["paid_id"])
    put_right(1, About.STOCK, known["shirt"], counted=100)

    assert red() == set()
    assert Compensation.objects.count() == 2


class TestRefused:
    def test_counters_that_the_facts_do_not_allow_stay_as_they_are(self, known):
        break_books("DELETE FROM payments_payment WHERE reference = 'paid'")
        before = everything()

        with pytest.raises(FactsContradict, match="confirmed only when paid"):
            put_right(6, About.ORDER, known["paid_id"])

        assert everything() == before

    def test_a_receipt_that_is_lost_is_not_made_up_while_a_refund_rests_on_it(self, known):
        plant("a receipt that was lost", known)
        before = everything()

        with pytest.raises(FactsContradict, match="no more is refunded than was paid for"):
            put_right(10, About.RECEIPTS, known["return_id"])

        assert everything() == before

    def test_what_has_no_remedy_gets_a_sentence_and_no_button(self, known):
        plant("items that are not the lines", known)
        found = find_imbalance(invariant=5, about=About.ORDER, object_id=known["pending_id"])

        assert remedy_for(5, About.ORDER) is None
        with pytest.raises(NoRemedy):
            write(found, plan_hash="")

    def test_nobody_counts_less_than_orders_hold(self, known):
        plant("more on hand than moved", known)
        before = everything()

        with pytest.raises(BelowReserved, match="Open orders hold 7 units and 6 were counted"):
            put_right(1, About.STOCK, known["shirt"], counted=6)

        assert everything() == before

    def test_a_level_is_not_emptied_by_who_counted_nothing(self, known):
        plant("a level without movements", known)

        with pytest.raises(Invalid):
            put_right(1, About.STOCK, known["mug"])
        assert not Compensation.objects.exists()

    def test_what_is_in_order_by_now_is_left_alone(self, known):
        plant("a coupon counted too often", known)
        found = find_imbalance(invariant=12, about=About.COUPON, object_id=known["half"])
        seen = preview_compensation(found)
        put_right(12, About.COUPON, known["half"])
        before = everything()

        with pytest.raises(ImbalanceIsGone):
            write(found, plan_hash=seen.plan_hash)

        assert everything() == before

    def test_what_has_changed_since_the_preview_is_looked_at_again(self, known):
        plant("more money than was paid", known)
        found = find_imbalance(invariant=6, about=About.ORDER, object_id=known["paid_id"])
        seen = preview_compensation(found)
        break_books("UPDATE orders_order SET captured_total = 1502 WHERE captured_total = 1501")
        before = everything()

        with pytest.raises(ImbalanceHasChanged):
            write(found, plan_hash=seen.plan_hash)

        assert everything() == before

    @pytest.mark.parametrize("role", set(Role) - {Role.ADMIN})
    def test_who_may_not_put_books_right_does_not_by_another_door_either(self, known, role):
        plant("a coupon counted too often", known)
        found = find_imbalance(invariant=12, about=About.COUPON, object_id=known["half"])
        seen = preview_compensation(found)
        stranger = person(role)
        before = everything()

        with pytest.raises(Forbidden):
            write(found, plan_hash=seen.plan_hash, user_id=stranger)

        assert everything() == before

    @pytest.mark.parametrize("reason", ["", "  ", "\u200b", "x" * 301])
    def test_it_takes_a_reason_that_can_be_read(self, known, reason):
        plant("a coupon counted too often", known)
        found = find_imbalance(invariant=12, about=About.COUPON, object_id=known["half"])
        seen = preview_compensation(found)

        with pytest.raises(Invalid):
            write(found, plan_hash=seen.plan_hash, reason=reason)

        assert Coupon.objects.get(code="HALF").used_count == 2


def test_an_entry_stands_for_good(known):
    plant("a coupon counted too often", known)
    put_right(12, About.COUPON, known["half"])

    for statement in (
        "UPDATE ops_compensation SET reason = 'Nothing happened'",
        "DELETE FROM ops_compensation",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Compensation.objects.get().reason == REASON


def test_only_what_was_touched_is_asked_again_and_the_rest_stays_as_it_was_found(known):
    plant("a coupon counted too often", known)
    plant("more money than was paid", known)
    at = clock.now()
    check_books(at=at, asked_by=ADMIN)
    put_right(12, About.COUPON, known["half"])

    check_again(numbers={12}, at=clock.now(), asked_by=ADMIN)

    last = BooksCheck.objects.newest()
    assert (last.checked_at, last.asked_by, last.status) == (at, ADMIN, "unbalanced")
    assert [one.number for one in last.findings if one.count] == [6]
    assert [one.number for one in last.findings if one.checked_at > at] == [12]
