"""A drill's customers: they ask with the same key until they know, and for what is left."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from mdv.ops.drill import asking
from mdv.ops.drill.asking import Answer, Client, NeverAnswered, Request, Unexplained
from mdv.ops.drill.ledger import Ledger
from mdv.ops.drill.plan import Attempt, Fate
from mdv.ops.drill.visits import Visit

HANGS_UP = None


@pytest.fixture
def shop():
    """A shop that gives the answers it is told, one after the other, and keeps what it heard."""
    told = SimpleNamespace(answers=[], keys=[], bodies=[])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told.keys.append(self.headers["Idempotency-Key"])
            told.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = told.answers.pop(0)
            if answer is HANGS_UP:
                self.connection.close()
                return
            status, body = answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, args=[0.01])
    serving.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield told
    server.shutdown()
    server.server_close()
    serving.join()


ORDER = Request(method="POST", path="/orders", body={}, headers={"Idempotency-Key": "one"})


def test_it_asks_with_the_same_key_until_there_is_an_answer_that_stays(shop):
    running, busy = (409, {"code": "still_running"}), (503, {"code": "busy"})
    shop.answers = [HANGS_UP, busy, running, (500, {"code": "internal_error"}), (201, {"n": 1})]
    ledger = Ledger()

    answer = Client(shop.url, ledger).ask(ORDER)

    assert (answer.status, answer.json()) == (201, {"n": 1})
    assert shop.keys == ["one"] * 5
    assert ledger.lost_connections == 1
    assert ledger.answers == {
        "503 busy": 1,
        "409 still_running": 1,
        "500 internal_error": 1,
        "201": 1,
    }


def test_a_refusal_is_an_answer(shop):
    shop.answers = [(409, {"code": "out_of_stock"})]

    assert Client(shop.url, Ledger()).ask(ORDER).code == "out_of_stock"


def test_a_request_that_never_gets_one_is_in_the_ledger(shop, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_S", 0.01)
    shop.answers = [HANGS_UP]
    ledger = Ledger()

    with pytest.raises(NeverAnswered):
        Client(shop.url, ledger).ask(ORDER)

    assert ledger.unanswered == ["POST /orders"]


class NoLuck:
    """Nothing is sent twice."""

    def random(self):
        return 1.0


def visit(shop, **lines):
    ledger = Ledger()
    attempt = Attempt(
        number=1,
        lines={sku.replace("_", "-"): units for sku, units in lines.items()},
        fate=Fate.LEFT_UNPAID,
        provider="stripe",
        asks_the_provider=False,
        luck=NoLuck(),
    )
    client = Client(shop.url, ledger)
    return Visit(attempt, customer=client, staff=client), ledger


def short(**available):
    lines = [{"sku": sku.replace("_", "-"), "available": n} for sku, n in available.items()]
    return 409, {"code": "out_of_stock", "lines": lines}


def test_who_is_told_that_less_is_left_asks_for_that(shop):
    shop.answers = [short(HOT_1=1, HOT_2=0), (201, {"number": "M-1", "total": "1500.00"})]
    one, ledger = visit(shop, HOT_1=3, HOT_2=2)

    one.make()

    assert [body["lines"] for body in shop.bodies] == [
        [{"sku": "HOT-1", "quantity": 3}, {"sku": "HOT-2", "quantity": 2}],
        [{"sku": "HOT-1", "quantity": 1}],
    ]
    assert shop.bodies[1]["expected_total"] == "1500.00"
    assert len(set(shop.keys)) == 2
    assert ledger.asked == {"HOT-1": 3, "HOT-2": 2}
    assert ledger.orders["M-1"].lines == {"HOT-1": 1}
    assert ledger.fates == {"left unpaid": 1}


def test_who_is_told_that_nothing_is_left_goes(shop):
    shop.answers = [short(HOT_1=0)]
    one, ledger = visit(shop, HOT_1=3)

    one.make()

    assert (ledger.orders, ledger.fates) == ({}, {"sold out": 1})


def test_another_refusal_is_not_explained(shop):
    shop.answers = [(409, {"code": "price_changed"})]
    one, _ = visit(shop, HOT_1=3)

    with pytest.raises(Unexplained, match="409 price_changed"):
        one.make()


def test_the_same_number_for_two_customers_is_noticed(shop):
    shop.answers = [(201, {"number": "M-1", "total": "1500.00"})] * 2
    one, ledger = visit(shop, HOT_1=1)

    one.make()
    one.make()

    assert ledger.said_twice == ["M-1"]


@pytest.mark.parametrize(
    ("second", "altered"),
    [
        (Answer(status=201, body=b"{}", is_replay=True), []),
        (Answer(status=201, body=b"{ }", is_replay=True), ["POST /orders: 201, 201"]),
        (Answer(status=200, body=b"{}", is_replay=True), ["POST /orders: 201, 200"]),
        (Answer(status=201, body=b"{}", is_replay=False), ["POST /orders: 201, 201"]),
    ],
)
def test_a_replay_has_to_be_the_same_to_the_byte_and_to_say_so(shop, second, altered):
    one, ledger = visit(shop, HOT_1=1)

    first = Answer(status=201, body=b"{}", is_replay=False)
    one.note_replay(ORDER, first, second, must_say_so=True)

    assert (ledger.replays, ledger.altered_replays) == (1, altered)
