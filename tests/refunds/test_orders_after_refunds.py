"""What an order may become once its money has gone back."""

import pytest

from mdv.kernel import clock
from shop.fulfilment.services import cancel_packed_order
from shop.orders.models import Order
from shop.orders.services import NotReopened, OrderHasPayments, expire_orders
from shop.orders.states import CancelReason
from shop.payments.models import GatewayEvent
from shop.payments.services import may_be_reopened, reopen_for_money
from tests.fulfilment.packing import level, pack, status_of
from tests.orders.ordering import guest, placed
from tests.payments.notices import SECRET, begun, event, online_order, send, told
from tests.refunds.refunding import CANCEL, apply, outside, pay_online, request, wish


def cancel(number):
    return cancel_packed_order(number=number, reason=CancelReason.FRAUD, at=clock.now())


class TestCancelling:
    def test_what_a_bank_took_back_in_full_is_cancelled_and_holds_no_stock(self, order, payment):
        pack(order)
        apply(outside(payment, "8000.00", is_chargeback=True), payment)

        cancel(order)

        assert status_of(order) == "cancelled"
        assert level() == (10, 0, 10)

    def test_a_pending_order_whose_part_went_back_is_not_stuck(self, shirts):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        payment = pay_online(number, "3000.00")
        apply(outside(payment, "3000.00"), payment)

        cancel(number)

        assert level() == (10, 0, 10)

    @pytest.mark.parametrize(
        ("went_back", "status"), [("3000.00", "cancelled"), ("2999.99", "pending")]
    )
    def test_a_pending_order_expires_once_nothing_of_its_money_is_here(
        self, shirts, settings, went_back, status
    ):
        settings.PAYSTACK_SECRET_KEY = SECRET
        number = online_order(("SHIRT", 5), total="8000.00")["number"]
        payment = pay_online(number, "3000.00")
        apply(outside(payment, went_back), payment)
        Order.objects.update(expires_at=clock.now())

        expire_orders(at=clock.now())

        assert status_of(number) == status

    def test_while_some_of_the_money_is_here_it_is_refused(self, order, payment):
        apply(outside(payment, "7999.99", is_chargeback=True), payment)

        with pytest.raises(OrderHasPayments):
            cancel(order)

    def test_money_that_is_only_promised_back_is_here(self, order, admin):
        request(order, wish(goodwill="8000.00"), by=admin)

        with pytest.raises(OrderHasPayments):
            cancel(order)


class TestTakingUpAgain:
    @pytest.fixture
    def number(self, shirts, settings):
        settings.PAYSTACK_SECRET_KEY = SECRET
        order = online_order(("SHIRT", 1), total="2000.00")
        self.payment = begun(order)
        Order.objects.update(expires_at=clock.now())
        expire_orders(at=clock.now())
        return order["number"]

    def come(self, kobo=200_000):
        """Have the money come after all."""
        send(told(self.payment, amount=kobo))
        self.payment.refresh_from_db()
        return event()

    def reopen(self, late, user_id):
        return reopen_for_money(event_id=late.pk, user_id=user_id, at=clock.now())

    @pytest.mark.parametrize("amount", ["2000.00", "0.01"])
    def test_money_that_went_back_pays_for_nothing(self, number, admin, amount):
        late = self.come()
        apply(outside(self.payment, amount), self.payment)

        with pytest.raises(NotReopened):
            self.reopen(late, admin)

        assert status_of(number) == "cancelled"
        assert not may_be_reopened(GatewayEvent.objects.get(pk=late.pk))

    @pytest.mark.parametrize("wanted", [wish(("SHIRT", 1, CANCEL)), wish(goodwill="0.01")])
    def test_nor_does_money_that_is_promised_back(self, number, admin, wanted):
        late = self.come()
        request(number, wanted, by=admin)

        with pytest.raises(NotReopened):
            self.reopen(late, admin)

        assert not may_be_reopened(GatewayEvent.objects.get(pk=late.pk))

    def test_what_was_paid_too_much_may_have_gone_back(self, number, admin):
        late = self.come(kobo=250_000)
        request(number, wish(goodwill="500.00"), by=admin)

        assert may_be_reopened(GatewayEvent.objects.get(pk=late.pk))
        assert self.reopen(late, admin).status == "confirmed"
