"""Paying online from the order to the money, at both providers as their simulators play them."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from mdv.idempotency.models import IdempotencyKey
from mdv.idempotency.services import stored_key
from mdv.kernel import clock
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from shop.payments import services
from shop.payments.gateways.base import GatewayRefused, ReferenceTaken
from shop.payments.gateways.paystack import Paystack
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import look_up
from tests.ops.simulators import PAYSTACK_KEY
from tests.orders.ordering import act, deliver_everywhere, guest, order_of, place, problems, sell
from tests.orders.ordering import customer as make_customer
from tests.payments.notices import now, online_order, send, told

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("provider", ["paystack", "stripe"])


@pytest.fixture
def order(db, providers):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    return online_order(("SHIRT", 1), total="2000.00")


def start(order, provider="paystack", **options):
    token = {"X-Order-Token": order["access_token"]}
    path = f"/orders/{order['number']}/payments"
    return act(guest(), path, {"provider": provider}, **{**token, **options})


def started(order, provider="paystack"):
    answer = start(order, provider)
    assert answer.status_code == 201, answer.content
    return answer.json()


def verify(payment):
    return guest().send("POST", f"/payments/{payment['reference']}/verify")


def state(order):
    found = now(order)
    return found.status, found.payment_status, found.captured_total


class TestStarting:
    def test_the_order_says_where_it_can_be_paid(self, order):
        assert order["payment"]["method"] == "online"
        assert order["payment"]["providers"] == ["paystack", "stripe"]

    @BOTH
    def test_the_customer_is_sent_to_the_providers_page(self, order, providers, provider):
        payment = started(order, provider)

        assert payment["redirect_url"].startswith(providers.url)
        assert (payment["state"], payment["amount"]) == ("initiated", "2000.00")
        assert f"{Decimal('2000.00'):,}" in providers.client.get(payment["redirect_url"]).text
        assert state(order) == ("pending", "unpaid", 0)

    @BOTH
    def test_the_same_key_is_the_same_payment_byte_for_byte(self, order, providers, provider):
        key = "a-key-of-the-customer-01"

        first, second = (start(order, provider, key=key) for _ in range(2))

        assert first.content == second.content
        assert second["Idempotent-Replayed"] == "true"
        assert len(providers.calls(provider)) == 1

    def test_who_starts_twice_is_led_to_the_same_page(self, order, providers):
        assert started(order) == started(order)
        assert Payment.objects.count() == 1

    def test_another_provider_is_another_payment(self, order):
        started(order, "paystack")
        started(order, "stripe")

        assert Payment.objects.count() == 2

    def test_a_provider_without_keys_is_not_offered(self, order, settings):
        settings.STRIPE_SECRET_KEY = ""

        answer = start(order, "stripe")

        assert (answer.status_code, answer.json()["code"]) == (400, "provider_not_offered")
        assert answer.json()["offered"] == ["paystack"]

    @pytest.mark.parametrize("provider", ["manual", "paypal", "", 1, None])
    def test_what_is_no_provider_is_refused(self, order, provider):
        assert start(order, provider).status_code == 400
        assert not Payment.objects.exists()

    def test_without_a_key_it_is_refused(self, order):
        path = f"/orders/{order['number']}/payments"
        headers = {"X-Order-Token": order["access_token"]}
        answer = guest().send("POST", path, {"provider": "paystack"}, **headers)

        assert answer.json()["code"] == "idempotency_key_required"

    def test_to_strangers_the_order_does_not_exist(self, order):
        path = f"/orders/{order['number']}/payments"
        for stranger in (guest(), make_customer("eve@example.com")):
            assert act(stranger, path, {"provider": "paystack"}).status_code == 404

    def test_for_a_cancelled_order_there_is_nothing_to_pay(self, order):
        cancel_order(number=order["number"], reason=CancelReason.CUSTOMER, at=clock.now())

        answer = start(order)

        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_pay")

    def test_an_order_of_nothing_is_confirmed_without_a_provider(self, order):
        sell("GIFT", "0.00", stock=1)
        body = order_of(
            ("GIFT", 1),
            total="0.00",
            payment_method="online",
            delivery_method="pickup",
            shipping_address=None,
        )

        free = place(guest(), body).json()

        assert (free["status"], free["payment_status"]) == ("confirmed", "paid")
        assert start(free).json()["code"] == "nothing_to_pay"

    def test_without_any_keys_online_is_not_offered(self, order, settings):
        settings.PAYSTACK_SECRET_KEY = settings.STRIPE_SECRET_KEY = ""

        answer = place(guest(), order_of(("SHIRT", 1), total="2000.00", payment_method="online"))

        assert problems(answer) == [("payment_method", "payment_method_not_offered")]


class TestProviderInTrouble:
    @BOTH
    @pytest.mark.parametrize("trouble", ["500", "429", "junk"])
    def test_the_same_request_goes_on_where_it_stopped(self, order, providers, provider, trouble):
        key = "a-key-of-the-customer-01"
        providers.turn(provider, answer=trouble)
        failed = start(order, provider, key=key)
        providers.reset()

        again = start(order, provider, key=key)

        assert (failed.status_code, failed.json()["code"]) == (503, "gateway_unavailable")
        assert failed["Retry-After"]
        assert again.status_code == 201
        assert Payment.objects.get().reference == again.json()["reference"]

    @BOTH
    def test_an_answer_that_was_lost_does_not_make_a_second_payment_to_pay(
        self, order, providers, provider
    ):
        key = "a-key-of-the-customer-01"
        providers.turn(provider, answer="lost", seconds=0.1, times=1)
        assert start(order, provider, key=key).status_code == 503

        again = start(order, provider, key=key)

        assert again.status_code == 201
        payable = Payment.objects.filter(state="initiated").exclude(redirect_url="")
        assert payable.get().reference == again.json()["reference"]

    def test_while_somebody_is_at_it_a_twin_is_told_to_wait(self, order, providers):
        key = "a-key-of-the-customer-01"
        begun = services.begin_payment(number=order["number"], provider="paystack", at=clock.now())
        assert begun.redirect_url == ""
        providers.turn("paystack", answer="500")
        start(order, key=key)

        IdempotencyKey.objects.filter(key=stored_key(key)).update(
            busy_until=clock.now() + timedelta(minutes=1)
        )

        answer = start(order, key=key)

        assert (answer.status_code, answer.json()["code"]) == (409, "still_running")


class TestComingBack:
    @BOTH
    def test_paid_the_order_is_confirmed_when_the_customer_is_back(
        self, order, providers, provider
    ):
        payment = started(order, provider)
        providers.choose(payment["redirect_url"])

        told = verify(payment).json()

        assert (told["state"], told["captured"], told["order"]) == (
            "captured",
            "2000.00",
            order["number"],
        )
        assert (told["order_status"], told["payment_status"]) == ("confirmed", "paid")
        assert GatewayEvent.objects.get().source == "look_up"

    @BOTH
    def test_asked_ten_times_it_counts_once(self, order, providers, provider):
        payment = started(order, provider)
        providers.choose(payment["redirect_url"])

        assert {verify(payment).status_code for _ in range(10)} == {200}
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    @BOTH
    def test_before_paying_nothing_has_happened(self, order, providers, provider):
        assert verify(started(order, provider)).json()["state"] == "initiated"
        assert state(order) == ("pending", "unpaid", 0)

    @BOTH
    @pytest.mark.parametrize("ended", ["failed", "abandoned"])
    def test_who_pays_at_the_second_try_is_told_so(self, order, providers, provider, ended):
        payment = started(order, provider)
        Payment.objects.update(state=ended, next_look_at=None)

        assert verify(payment).json()["state"] == ended
        providers.choose(payment["redirect_url"])
        assert verify(payment).json()["state"] == "captured"
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_after_the_providers_keys_are_gone_the_payment_is_shown_as_it_is(
        self, order, providers, settings, client
    ):
        payment = started(order)
        settings.PAYSTACK_SECRET_KEY = ""

        assert verify(payment).json()["state"] == "initiated"
        assert client.get(f"/payments/{payment['reference']}").status_code == 200

    def test_an_unknown_reference_is_404(self, order):
        for reference in ("P-00000000000000000000", "x", "M-12345678"):
            assert verify({"reference": reference}).status_code == 404

    @BOTH
    def test_the_page_says_what_became_of_it(self, order, providers, provider, client):
        payment = started(order, provider)
        page = f"/payments/{payment['reference']}"
        before = client.get(page)
        providers.choose(payment["redirect_url"])
        after = client.get(page)

        assert "We are waiting for your payment" in before.content.decode()
        assert f"₦2,000.00 arrived for order {order['number']}." in after.content.decode()
        assert client.get("/payments/P-UNKNOWN").status_code == 404

    def test_the_page_opens_also_while_the_provider_is_away(self, order, providers, client):
        payment = started(order)
        providers.turn("paystack", answer="500")

        answer = client.get(f"/payments/{payment['reference']}")

        assert answer.status_code == 200
        assert "We are waiting for your payment" in answer.content.decode()


class TestPaidMeanwhile:
    """The notice comes while the provider answers that the page cannot be opened."""

    @pytest.mark.parametrize(
        ("answer", "code"),
        [(ReferenceTaken, "nothing_to_pay"), (GatewayRefused, "gateway_refused")],
    )
    def test_the_money_stays_booked_and_no_other_page_is_opened(
        self, order, providers, monkeypatch, answer, code
    ):
        def start_late(self, wanted):
            send(told(Payment.objects.get()), secret=PAYSTACK_KEY)
            raise answer

        monkeypatch.setattr(Paystack, "start", start_late)

        refused = start(order)

        assert (refused.status_code, refused.json()["code"]) == (409, code)
        assert Payment.objects.get().state == "captured"
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


class TestLookingUp:
    @BOTH
    def test_what_nobody_told_of_is_found_by_asking(self, order, providers, provider):
        payment = started(order, provider)
        providers.choose(payment["redirect_url"])
        soon = clock.now() + look_up.FIRST_LOOK_AFTER

        assert services.look_up_payments(at=clock.now()) == 0
        assert services.look_up_payments(at=soon) == 1

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        assert services.look_up_payments(at=soon + timedelta(days=9)) == 0

    def test_it_is_asked_less_and_less_often_and_given_up_in_the_end(self, order, providers):
        started(order)
        at = clock.now() + look_up.FIRST_LOOK_AFTER
        for wait in look_up.LOOK_AGAIN_AFTER:
            assert services.look_up_payments(at=at) == 1
            assert services.look_up_payments(at=at + wait - timedelta(seconds=1)) == 0
            at += wait
        assert Payment.objects.get().state == "initiated"

        assert services.look_up_payments(at=at) == 1

        assert Payment.objects.get().state == "abandoned"
        assert services.look_up_payments(at=at + timedelta(days=9)) == 0

    def test_money_that_comes_after_it_was_given_up_is_booked_at_the_last_look(
        self, order, providers
    ):
        payment = started(order)
        Payment.objects.update(looks=len(look_up.LOOK_AGAIN_AFTER))
        providers.choose(payment["redirect_url"])

        services.look_up_payments(at=clock.now() + look_up.FIRST_LOOK_AFTER)

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_a_provider_that_is_away_keeps_nobody_else_waiting(self, order, providers):
        started(order, "paystack")
        paid = started(order, "stripe")
        providers.choose(paid["redirect_url"])
        providers.turn("paystack", answer="500")

        assert services.look_up_payments(at=clock.now() + look_up.FIRST_LOOK_AFTER) == 2

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


@pytest.mark.django_db(transaction=True)
def test_the_return_the_notice_and_the_look_up_may_race(order, providers):
    payment = started(order)
    providers.choose(payment["redirect_url"])
    gate = threading.Barrier(8)
    at = clock.now() + look_up.FIRST_LOOK_AFTER

    def race(place):
        gate.wait()
        try:
            if place % 2:
                services.look_up_payments(at=at)
            else:
                services.verify_payment(reference=payment["reference"], at=at)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=race, args=[place]) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
    assert Payment.objects.get().captured == 2000
