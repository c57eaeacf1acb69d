"""Settling exceptions: each way once, by whom it is theirs to, and nothing without a trace."""

import threading
import time
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Invalid, NotFound
from shop.orders.models import Order
from shop.orders.services import NotReopened
from shop.orders.services.cancel_order import cancel_order, expire_orders
from shop.orders.states import CancelReason
from shop.payments import services
from shop.payments.models import GatewayEvent, Payment
from shop.pricing.services import CouponExhausted
from shop.stock.services import OutOfStock
from tests.accounts.people import make_staff
from tests.orders.ordering import available, guest, make_coupon, placed
from tests.payments.notices import begun, event, now, online_order, send, told

pytestmark = pytest.mark.django_db

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
MAX_LOOKS, PAUSE_S = 100, 0.01


@pytest.fixture
def clerk(db):
    return make_staff(Role.OPERATIONS)


@pytest.fixture
def late(order, payment):
    """Money that came after its order had expired."""
    Order.objects.update(expires_at=clock.now())
    expire_orders(at=clock.now())
    send(told(payment))
    return event()


@pytest.fixture
def orphan(order):
    send(told("P-UNKNOWN", amount=200_000, id=4711))
    return event()


def state(order):
    found = now(order)
    return found.status, found.payment_status, found.captured_total


class TestOrphan:
    def test_it_is_booked_on_the_order_that_staff_name(self, order, orphan, clerk):
        services.apply_to_order(
            event_id=orphan.pk, number=order["number"], user_id=clerk.pk, at=clock.now()
        )

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        settled = event()
        assert (settled.resolved_by, settled.resolution) == (clerk, f"Booked on {order['number']}.")
        assert Payment.objects.get(state="captured").reference == "4711"

    def test_it_is_booked_once(self, order, orphan, clerk):
        wanted = {"number": order["number"], "user_id": clerk.pk, "at": clock.now()}
        services.apply_to_order(event_id=orphan.pk, **wanted)

        with pytest.raises(services.AlreadySettled):
            services.apply_to_order(event_id=orphan.pk, **wanted)
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_the_same_money_told_in_other_words_is_not_booked_again(self, order, orphan, clerk):
        wanted = {"number": order["number"], "user_id": clerk.pk, "at": clock.now()}
        services.apply_to_order(event_id=orphan.pk, **wanted)
        GatewayEvent.objects.create(
            provider="paystack",
            fact="told again",
            kind="charge.success",
            source="webhook",
            provider_id="4711",
            amount=Decimal(2000),
            currency="NGN",
            is_live=False,
            received_at=clock.now(),
            processed_at=clock.now(),
            outcome="orphan",
        )

        with pytest.raises(services.ReferenceUsed):
            services.apply_to_order(
                event_id=GatewayEvent.objects.get(fact="told again").pk, **wanted
            )
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_in_another_currency_it_is_refused(self, order, clerk):
        send(told("P-UNKNOWN", amount=200_000, currency="USD"))

        with pytest.raises(services.OtherCurrency):
            services.apply_to_order(
                event_id=event().pk, number=order["number"], user_id=clerk.pk, at=clock.now()
            )
        assert state(order) == ("pending", "unpaid", 0)
        assert event().is_open_exception

    def test_more_than_is_due_is_booked_when_somebody_says_so(self, order, orphan, payment, clerk):
        send(told(payment))
        wanted = {"number": order["number"], "user_id": clerk.pk, "at": clock.now()}

        with pytest.raises(services.MoreThanDue):
            services.apply_to_order(event_id=orphan.pk, **wanted)
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        assert GatewayEvent.objects.open_exceptions().get() == orphan

        services.apply_to_order(event_id=orphan.pk, accept_excess=True, **wanted)
        assert state(order) == ("confirmed", "overpaid", Decimal("4000.00"))

    def test_money_of_another_mode_is_not_booked_by_hand_either(self, order, clerk):
        send(told("P-UNKNOWN", amount=200_000, domain="live"))

        with pytest.raises(services.NotOurMoney, match="It is about real money"):
            services.apply_to_order(
                event_id=event().pk, number=order["number"], user_id=clerk.pk, at=clock.now()
            )
        assert state(order) == ("pending", "unpaid", 0)
        assert event().is_open_exception

    def test_on_a_cancelled_order_it_would_be_out_of_sight(self, order, orphan, clerk):
        cancel_order(number=order["number"], reason=CancelReason.STAFF, at=clock.now())

        with pytest.raises(services.OrderIsCancelled):
            services.apply_to_order(
                event_id=orphan.pk, number=order["number"], user_id=clerk.pk, at=clock.now()
            )
        assert state(order) == ("cancelled", "unpaid", 0)
        assert event().is_open_exception

    def test_the_order_has_to_exist(self, orphan, clerk):
        with pytest.raises(NotFound):
            services.apply_to_order(
                event_id=orphan.pk, number="M-00000000", user_id=clerk.pk, at=clock.now()
            )

    def test_other_exceptions_are_not_booked_by_hand(self, order, late, clerk):
        with pytest.raises(services.NotForThisException):
            services.apply_to_order(
                event_id=late.pk, number=order["number"], user_id=clerk.pk, at=clock.now()
            )


class TestLate:
    def test_the_order_is_taken_up_again_with_its_stock(self, order, late, clerk):
        assert available("SHIRT") == 10

        services.reopen_for_money(event_id=late.pk, user_id=clerk.pk, at=clock.now())

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        assert available("SHIRT") == 9
        assert now(order).lines.get().qty_cancelled == 0
        assert event().resolution == f"{order['number']} was taken up again."

    def test_it_is_not_if_the_goods_are_sold(self, order, late, clerk):
        placed(guest(), ("SHIRT", 10), total="15500.00")

        with pytest.raises(OutOfStock):
            services.reopen_for_money(event_id=late.pk, user_id=clerk.pk, at=clock.now())

    def test_its_coupon_is_used_again(self, order, clerk):
        coupon = make_coupon("TEN", "10.00", limit_total=1)
        cheap = online_order(("SHIRT", 1), total="1850.00", coupon="TEN")
        payment = begun(cheap)
        Order.objects.update(expires_at=clock.now())
        expire_orders(at=clock.now())
        send(told(payment))

        services.reopen_for_money(event_id=event().pk, user_id=clerk.pk, at=clock.now())

        coupon.refresh_from_db()
        assert coupon.used_count == 1

    def test_it_is_not_if_its_customer_has_used_the_coupon_since(self, clerk, order):
        coupon = make_coupon("ONCE", "10.00", limit_per_customer=1)
        first = online_order(("SHIRT", 1), total="1850.00", coupon="ONCE")
        payment = begun(first)
        Order.objects.filter(number=first["number"]).update(expires_at=clock.now())
        expire_orders(at=clock.now())
        online_order(("SHIRT", 1), total="1850.00", coupon="ONCE")
        send(told(payment))

        with pytest.raises(CouponExhausted):
            services.reopen_for_money(event_id=event().pk, user_id=clerk.pk, at=clock.now())

        coupon.refresh_from_db()
        assert (state(first)[0], coupon.used_count) == ("cancelled", 1)
        assert event().is_open_exception

    def test_who_cancelled_is_not_taken_up_again(self, order, payment, clerk):
        cancel_order(number=order["number"], reason=CancelReason.CUSTOMER, at=clock.now())
        send(told(payment))

        with pytest.raises(NotReopened):
            services.reopen_for_money(event_id=event().pk, user_id=clerk.pk, at=clock.now())
        assert state(order)[0] == "cancelled"


class TestNotes:
    @pytest.mark.parametrize("settle", [services.keep_for_refund, services.leave_as_it_is])
    def test_any_exception_can_be_settled_with_a_reason(self, order, late, clerk, settle):
        settle(event_id=late.pk, note="asked for it back", user_id=clerk.pk, at=clock.now())

        assert "asked for it back" in event().resolution
        assert not GatewayEvent.objects.open_exceptions().exists()
        entry = AuditEntry.objects.filter(content_type__model="gatewayevent").latest("id")
        assert "resolved_at" in entry.changes

    @pytest.mark.parametrize("note", ["", "  ", "x" * 251])
    @pytest.mark.parametrize("settle", [services.keep_for_refund, services.leave_as_it_is])
    def test_without_a_reason_it_stays_open(self, order, late, clerk, settle, note):
        with pytest.raises(Invalid):
            settle(event_id=late.pk, note=note, user_id=clerk.pk, at=clock.now())

        assert event().is_open_exception

    def test_what_went_well_is_no_exception(self, order, payment, clerk):
        send(told(payment))

        with pytest.raises(NotFound):
            services.leave_as_it_is(
                event_id=event().pk, note="why", user_id=clerk.pk, at=clock.now()
            )


@pytest.mark.django_db(transaction=True)
def test_two_people_settle_one_exception_at_once_and_one_hears_that_it_is_settled(order):
    send(told("P-UNKNOWN", amount=200_000))
    clerk = make_staff(Role.OPERATIONS)
    gate, outcomes, found = threading.Barrier(2), [], event().pk

    def settle():
        gate.wait()
        try:
            services.apply_to_order(
                event_id=found, number=order["number"], user_id=clerk.pk, at=clock.now()
            )
            outcomes.append("settled")
        except services.AlreadySettled:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=settle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "settled"]
    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


@pytest.mark.django_db(transaction=True)
def test_what_somebody_settles_while_the_rest_arrives_is_not_overwritten(order):
    send(told(begun(order), amount=199_999))
    short, rest, clerk = event(), begun(order), make_staff(Role.OPERATIONS)
    is_settled = threading.Event()

    def settle():
        with transaction.atomic(), connection.cursor() as cursor:
            services.keep_for_refund(
                event_id=short.pk, note="wants it back", user_id=clerk.pk, at=clock.now()
            )
            is_settled.set()
            for _ in range(MAX_LOOKS):
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    break
                time.sleep(PAUSE_S)
        connections.close_all()

    settling = threading.Thread(target=settle)
    settling.start()
    is_settled.wait(10)
    send(told(rest))
    settling.join()

    short.refresh_from_db()
    assert (short.resolution, short.resolved_by) == ("To be refunded: wants it back", clerk)
    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
