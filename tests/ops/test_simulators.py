"""The simulated providers themselves: as strict as the documents, and faulty when told to be."""

import hashlib
import hmac
import json
import threading
import time

import pytest

from tests.ops.shops import CHECKOUT, wait_until
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY, WEBHOOK_SECRET, Ear, Simulators

LOUD_S = 0.4  # after so long nothing more is said
HALF_AN_HOUR_S = 30 * 60


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    ear = Ear()
    journal = tmp_path_factory.mktemp("simulators") / "journal.jsonl"
    simulators = Simulators(ear.url, journal=journal)
    yield simulators, ear, journal
    assert simulators.end() == 0
    ear.end()


@pytest.fixture
def simulators(running):
    running[0].reset()
    running[1].reset()
    yield running[0]
    running[0].reset()


@pytest.fixture
def ear(running, simulators):
    return running[1]


class PaystackCaller:
    def __init__(self, client):
        self.client = client
        self.number = time.monotonic_ns()

    def ask(self, method, path, body=None, key=PAYSTACK_KEY):
        headers = {"Authorization": f"Bearer {key}"}
        return self.client.request(method, f"/paystack{path}", json=body, headers=headers)

    def initialize(self, **changes):
        self.number += 1
        facts = {"email": "ada@example.com", "amount": "150000", "reference": f"p-{self.number}"}
        return self.ask("POST", "/transaction/initialize", facts | changes)

    def paid(self, simulators):
        opened = self.initialize().json()["data"]
        simulators.choose(opened["authorization_url"])
        return opened["reference"]

    def refund(self, **facts):
        return self.ask("POST", "/refund", facts)


class StripeCaller:
    def __init__(self, client):
        self.client = client

    def ask(self, method, path, form=None, key=STRIPE_KEY, **headers):
        given = {"Authorization": f"Bearer {key}", "Stripe-Version": "2026-10-28.endive", **headers}
        return self.client.request(method, f"/stripe/v1{path}", data=form, headers=given)

    def session(self, key="", **changes):
        form = {
            "mode": "payment",
            "success_url": "https://shop.example.com/paid",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "ngn",
            "line_items[0][price_data][unit_amount]": "150000",
            "line_items[0][price_data][product_data][name]": "Order M-1",
            **changes,
        }
        form = {name: value for name, value in form.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/checkout/sessions", form, **headers)

    def paid(self, simulators):
        opened = self.session().json()
        simulators.choose(opened["url"])
        return self.ask("GET", f"/checkout/sessions/{opened['id']}").json()["payment_intent"]

    def refund(self, key="", **form):
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/refunds", form, **headers)


@pytest.fixture
def paystack(simulators):
    return PaystackCaller(simulators.client)


@pytest.fixture
def stripe(simulators):
    return StripeCaller(simulators.client)


def assert_refused(answer, status, words):
    said = answer.json()
    assert answer.status_code == status
    assert words in (said["error"]["message"] if "error" in said else said["message"])


class TestPaystack:
    def test_only_the_key_opens(self, paystack):
        answer = paystack.ask("GET", "/transaction/verify/a", key="sk_test_other")
        assert_refused(answer, 401, "Invalid key")

    @pytest.mark.parametrize("amount", [None, "", "0", "-1", "15.5", 15.5, True, "1e3", "٣", []])
    def test_an_amount_is_a_whole_number_of_kobo(self, paystack, amount):
        assert_refused(paystack.initialize(amount=amount), 400, "Invalid Amount Sent")
        assert paystack.initialize(amount=1).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "status", "words"),
        [
            ({"email": "nobody"}, 400, "Email"),
            ({"reference": "a b"}, 400, "reference"),
            ({"reference": "a/b"}, 400, "reference"),
            ({"currency": "JPY"}, 403, "Currency not supported"),
            ({"callback_url": "javascript:1"}, 400, "callback"),
            ({"callbackurl": "https://a"}, 400, "Unknown parameter"),
        ],
    )
    def test_parameters_are_checked(self, paystack, changes, status, words):
        assert_refused(paystack.initialize(**changes), status, words)

    def test_a_reference_is_used_once(self, paystack):
        assert paystack.initialize(reference="once-only").status_code == 200
        again = paystack.initialize(reference="once-only")
        assert_refused(again, 400, "Duplicate Transaction Reference")

    def test_an_unknown_reference_is_not_found(self, paystack):
        answer = paystack.ask("GET", "/transaction/verify/unknown")
        assert_refused(answer, 400, "Transaction reference not found")

    def test_a_notice_is_signed_over_its_bytes(self, paystack, simulators, ear):
        reference = paystack.paid(simulators)

        ((body, headers),) = ear.wait_for(1)
        expected = hmac.new(PAYSTACK_KEY.encode(), body, hashlib.sha512).hexdigest()
        assert headers["x-paystack-signature"] == expected
        assert json.loads(body)["data"]["reference"] == reference
        assert ear.heard[0][0] == "/api/v1/webhooks/paystack"

    def test_refunds_never_exceed_what_was_paid(self, paystack, simulators):
        reference = paystack.paid(simulators)

        assert paystack.refund(transaction=reference, amount=100_000).status_code == 200
        too_much = paystack.refund(transaction=reference, amount=50_001)
        assert_refused(too_much, 400, "cannot be more")
        assert paystack.refund(transaction=reference).json()["data"]["amount"] == 50_000
        again = paystack.refund(transaction=reference)
        assert_refused(again, 400, "fully reversed")
        found = paystack.ask("GET", f"/transaction/verify/{reference}").json()
        assert found["data"]["status"] == "reversed"

    @pytest.mark.parametrize(
        ("facts", "words"),
        [({"amount": 0}, "Amount"), ({"amount": "5"}, "Amount"), ({"currency": "USD"}, "Currency")],
    )
    def test_a_refund_is_checked(self, paystack, simulators, facts, words):
        answer = paystack.refund(transaction=paystack.paid(simulators), **facts)
        assert_refused(answer, 400, words)

    def test_what_was_not_paid_is_not_refunded(self, paystack):
        reference = paystack.initialize().json()["data"]["reference"]
        assert_refused(paystack.refund(transaction=reference), 400, "Only successful")
        assert_refused(paystack.refund(transaction="unknown"), 404, "not found")

    def test_a_refund_can_be_looked_up_and_is_told(self, paystack, simulators, ear):
        made = paystack.refund(transaction=paystack.paid(simulators)).json()["data"]

        found = paystack.ask("GET", f"/refund/{made['id']}").json()["data"]
        assert (made["status"], found["status"]) == ("pending", "processed")
        ear.wait_for(2)
        assert {event["event"] for event in ear.events()} == {"charge.success", "refund.processed"}


class TestStripe:
    def test_only_the_key_opens_and_a_version_is_pinned(self, stripe):
        assert_refused(stripe.ask("GET", "/checkout/sessions", key="sk_test_x"), 401, "Invalid API")
        bad = stripe.ask("GET", "/checkout/sessions", **{"Stripe-Version": "newest"})
        assert_refused(bad, 400, "version")

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"mode": None}, "Missing required param: mode"),
            ({"success_url": None}, "Missing required param: success_url"),
            ({"success_url": "/paid"}, "Not a valid URL"),
            ({"customer_email": "nobody"}, "email"),
            ({"client_reference_id": "x" * 201}, "Too long"),
            ({"clientreference": "x"}, "unknown parameter: clientreference"),
            ({"expires_at": "5"}, "at least 30 minutes"),
            ({"line_items[0][price_data][unit_amount]": "15.5"}, "Invalid integer"),
            ({"line_items[0][price_data][unit_amount]": "0"}, "out of range"),
            ({"line_items[0][price_data][currency]": "NGN"}, "currency"),
        ],
    )
    def test_parameters_are_checked(self, stripe, changes, words):
        assert_refused(stripe.session(**changes), 400, words)

    def test_a_session_lasts_half_an_hour_to_a_day(self, stripe):
        moment = int(time.time())
        lengths = [HALF_AN_HOUR_S - 120, HALF_AN_HOUR_S, 24 * 3600, 24 * 3600 + 120]

        answers = [stripe.session(expires_at=str(moment + length)) for length in lengths]

        assert [answer.status_code for answer in answers] == [400, 200, 200, 400]

    def test_three_decimals_end_in_nought(self, stripe):
        price = "line_items[0][price_data]"
        for amount, status in (("5120", 200), ("5125", 400)):
            form = {f"{price}[currency]": "kwd", f"{price}[unit_amount]": amount}
            assert stripe.session(**form).status_code == status

    def test_the_same_key_and_parameters_give_the_same_answer(self, stripe):
        first, again = stripe.session("key-1"), stripe.session("key-1")

        assert first.content == again.content
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers

    def test_the_same_key_with_other_parameters_is_an_error(self, stripe):
        stripe.session("key-2")
        other = stripe.session("key-2", client_reference_id="other")

        assert_refused(other, 400, "same parameters")
        assert other.json()["error"]["type"] == "idempotency_error"

    def test_without_a_key_each_is_new_and_a_refusal_is_not_kept(self, stripe):
        assert stripe.session().json()["id"] != stripe.session().json()["id"]
        assert stripe.session("key-3", mode=None).status_code == 400
        assert stripe.session("key-3").status_code == 200

    def test_many_at_once_with_one_key_are_one_session(self, stripe):
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(stripe.session("key-4")))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert len({a.json()["id"] for a in answers if a.status_code == 200}) == 1

    def test_a_notice_is_signed_with_its_time(self, stripe, simulators, ear):
        stripe.paid(simulators)

        ((body, headers),) = ear.wait_for(1)
        parts = dict(part.split("=") for part in headers["Stripe-Signature"].split(","))
        signed = f"{parts['t']}.".encode() + body
        expected = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert parts["v1"] == expected
        assert abs(int(parts["t"]) - time.time()) < 5
        assert ear.heard[0][0] == "/api/v1/webhooks/stripe"

    def test_refunds_never_exceed_what_was_paid(self, stripe, simulators):
        intent = stripe.paid(simulators)

        assert stripe.refund(payment_intent=intent, amount="100000").status_code == 200
        too_much = stripe.refund(payment_intent=intent, amount="50001")
        assert_refused(too_much, 400, "greater than unrefunded amount")
        assert stripe.refund(payment_intent=intent).json()["amount"] == 50_000
        again = stripe.refund(payment_intent=intent)
        assert again.json()["error"]["code"] == "charge_already_refunded"

    def test_a_refund_with_its_key_is_made_once(self, stripe, simulators):
        intent = stripe.paid(simulators)

        made = [stripe.refund("rf-1-1", payment_intent=intent, amount="9") for _ in range(3)]

        assert len({answer.json()["id"] for answer in made}) == 1
        assert stripe.refund(payment_intent=intent).json()["amount"] == 149_991
        other = stripe.refund("rf-1-1", payment_intent=intent, amount="8")
        assert other.json()["error"]["type"] == "idempotency_error"

    def test_what_was_not_paid_is_not_refunded(self, stripe, simulators):
        opened = stripe.session().json()
        simulators.choose(opened["url"], "decline")
        found = stripe.ask("GET", f"/checkout/sessions/{opened['id']}").json()

        refused = stripe.refund(payment_intent=found["payment_intent"])
        assert_refused(refused, 400, "successful charge")
        assert_refused(stripe.refund(payment_intent="pi_0"), 404, "No such payment_intent")

    def test_a_refund_can_be_looked_up(self, stripe, simulators):
        made = stripe.refund(payment_intent=stripe.paid(simulators)).json()

        assert stripe.ask("GET", f"/refunds/{made['id']}").json() == made
        assert stripe.ask("GET", "/refunds/re_0").status_code == 404


@pytest.fixture(params=["paystack", "stripe"])
def page(request, paystack, stripe):
    """The payer's page of one payment at each provider, with the provider's name."""
    if request.param == "paystack":
        opened = paystack.initialize(callback_url="https://shop.example.com/paid").json()["data"]
        return request.param, opened["authorization_url"]
    return request.param, stripe.session().json()["url"]


class TestPages:
    def test_a_page_shows_the_amount_and_loads_nothing_from_elsewhere(self, simulators, page):
        answer = simulators.client.get(page[1])

        assert "NGN 1,500.00" in answer.text
        assert "No money moves here" in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "//" not in answer.text
        assert "<script" not in answer.text
        style = simulators.client.get("/style.css")
        assert style.headers["Content-Type"] == "text/css"

    def test_what_a_customer_is_called_is_not_run(self, simulators, stripe):
        name = "line_items[0][price_data][product_data][name]"
        opened = stripe.session(**{name: "<script>alert(1)</script>"}).json()

        assert "<script" not in simulators.client.get(opened["url"]).text

    def test_it_can_be_paid_once(self, simulators, ear, page):
        assert simulators.choose(page[1]).status_code == 303
        assert simulators.choose(page[1]).status_code == 404
        assert simulators.client.get(page[1]).status_code == 404
        time.sleep(LOUD_S)
        assert len(ear.heard) == 1

    def test_an_unknown_button_does_nothing(self, simulators, ear, page):
        assert simulators.choose(page[1], "pay_nothing").status_code == 400
        assert simulators.client.get(page[1]).status_code == 200

    def test_there_is_no_page_of_a_payment_that_there_is_not(self, simulators, page):
        assert simulators.client.get(f"/{page[0]}/pay/unknown").status_code == 404


class TestSwitches:
    def test_a_notice_is_sent_again_until_the_shop_says_2xx(self, simulators, ear, page):
        ear.status = 500
        simulators.choose(page[1])
        first = ear.wait_for(1)[0]
        ear.status = 200

        second = ear.wait_for(2)[1]
        assert second[0] == first[0]
        time.sleep(1.2)  # the third would have come after a second
        assert len(ear.heard) == 2

    def test_copies(self, simulators, ear, page):
        simulators.turn(page[0], copies=3)
        simulators.choose(page[1])

        assert len({body for body, _ in ear.wait_for(3)}) == 1

    def test_a_delay(self, simulators, ear, page):
        simulators.turn(page[0], delay_s=LOUD_S)
        simulators.choose(page[1])

        assert ear.heard == []
        ear.wait_for(1)

    def test_every_card_is_declined(self, simulators, ear, page):
        simulators.turn(page[0], declines=True)

        assert "declined" in simulators.choose(page[1]).text
        simulators.reset()
        assert simulators.choose(page[1]).status_code == 303

    @pytest.mark.parametrize(("answer", "status"), [("500", 500), ("429", 429), ("junk", 200)])
    def test_outages_do_nothing_and_end(self, simulators, paystack, answer, status):
        simulators.turn("paystack", answer=answer, times=2)

        assert [paystack.initialize(reference=f"out-{answer}").status_code for _ in "12"] == [
            status,
            status,
        ]
        assert paystack.initialize(reference=f"out-{answer}").status_code == 200

    def test_late_is_done_at_once_and_answered_later(self, simulators, paystack):
        simulators.turn("paystack", answer="late", seconds=0.3, times=1)
        began = time.monotonic()

        assert paystack.initialize(reference="late-1").status_code == 200
        assert time.monotonic() - began >= 0.3

    @pytest.mark.parametrize(
        "wanted",
        [
            {"provider": "paystack", "switches": {"unknown": 1}},
            {"provider": "paystack", "switches": {"answer": "418"}},
            {"provider": "paystack", "switches": {"copies": "3"}},
            {"provider": "paystack", "switches": {"copies": True}},
            {"provider": "paystack", "switches": {"declines": 1}},
            {"provider": "paystack", "switches": {"changed": 1}},
            {"provider": "nobody", "switches": {}},
            {},
            [],
        ],
    )
    def test_an_unknown_switch_is_refused_and_turns_nothing(self, simulators, paystack, wanted):
        answer = simulators.client.post("/_control", json=wanted)

        assert answer.status_code == 400
        assert paystack.initialize().status_code == 200

    @pytest.mark.parametrize(
        "headers", [{"Content-Type": "text/plain"}, {"Host": "evil.example.com:80"}]
    )
    def test_a_web_page_turns_no_switch(self, simulators, headers):
        given = {"Content-Type": "application/json", **headers}

        answer = simulators.client.post("/_control", content=b'{"reset": true}', headers=given)

        assert answer.status_code == 403

    def test_the_journal_holds_every_call_and_notice_also_in_a_file(
        self, running, simulators, paystack, ear
    ):
        reference = paystack.paid(simulators)
        ear.wait_for(1)
        file = running[2]

        wait_until(lambda: "charge.success" in file.read_text().splitlines()[-1], 5)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert lines[-1]["status"] == 200
        assert reference in lines[-2]["body"]
        assert [call["path"] for call in simulators.calls("paystack")] == [
            "/transaction/initialize"
        ]


class TestReach:
    def test_only_this_machine_is_listened_to(self, simulators):
        assert simulators.url.startswith("http://127.0.0.1:")

    def test_nothing_of_the_shop_imports_them(self):
        folders = [CHECKOUT / name for name in ("mdv", "shop", "refunds", "audit")]
        files = [file for folder in folders for file in folder.rglob("*.py")]

        importers = {
            file.relative_to(CHECKOUT).parts[:3]
            for file in files
            if "mdv.ops.simulators" in file.read_text()
        }

        assert importers == {("mdv", "ops", "simulators"), ("mdv", "ops", "local")}

    def test_too_much_is_not_read(self, simulators):
        answer = simulators.client.post("/paystack/refund", content=b"x" * 300_000)
        assert answer.status_code == 413
