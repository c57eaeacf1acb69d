"""What both simulated providers share: payers' pages, faults on request, and who reaches them."""

import json
import time

import pytest

from tests.ops.shops import CHECKOUT, wait_until

LOUD_S = 0.4  # after so long nothing more is said


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
            {"provider": "paystack", "switches": {"refunds": "maybe"}},
            {"provider": "paystack", "refund": "p-1"},
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
