"""Both providers, simulated, and our adapters that talk to them."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shop.payments.gateways import wire as wires
from shop.payments.gateways.breaker import Breaker
from shop.payments.gateways.paystack import Paystack
from shop.payments.gateways.stripe import Stripe
from shop.payments.gateways.wire import Wire
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY, WEBHOOK_SECRET, Ear, Simulators


@pytest.fixture(scope="session")
def _running():
    ear = Ear()
    simulators = Simulators(ear.url)
    yield simulators, ear
    assert simulators.end() == 0
    ear.end()


@pytest.fixture
def simulators(_running):
    simulators, ear = _running
    ear.reset()
    yield simulators
    simulators.reset()


@pytest.fixture
def ear(_running, simulators):
    return _running[1]


@pytest.fixture
def wire():
    """A wire whose breaker hardly ever opens."""
    wire = Wire("test", breaker=Breaker("test", outages=1000))
    yield wire
    wire.close()


@pytest.fixture
def paystack(simulators, wire):
    return Paystack(secret_key=PAYSTACK_KEY, api_url=f"{simulators.url}/paystack", wire=wire)


@pytest.fixture
def stripe(simulators, wire):
    return Stripe(
        secret_key=STRIPE_KEY,
        webhook_secrets=[WEBHOOK_SECRET],
        api_url=f"{simulators.url}/stripe",
        wire=wire,
    )


@pytest.fixture(params=["paystack", "stripe"])
def gateway(request):
    """Each of them in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def quick(monkeypatch):
    """Timeouts that a test can wait for."""
    monkeypatch.setattr(wires, "CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(wires, "READ_TIMEOUT_S", 0.3)
    monkeypatch.setattr(wires, "WHOLE_ANSWER_S", 0.8)
    wire = Wire("test", breaker=Breaker("test", outages=1000))
    yield wire
    wire.close()


@pytest.fixture(params=["paystack", "stripe"])
def at(request, quick):
    """Make one of the gateways, which asks at an address."""

    def gateway_at(url):
        if request.param == "paystack":
            return Paystack(secret_key=PAYSTACK_KEY, api_url=url, wire=quick)
        secrets = [WEBHOOK_SECRET]
        return Stripe(secret_key=STRIPE_KEY, webhook_secrets=secrets, api_url=url, wire=quick)

    return gateway_at


@pytest.fixture
def says():
    """A server that says one thing."""
    servers = []

    def serve(status, body, *, byte_every_s=0.0):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                self.send_header("Location", "https://elsewhere.example.com/")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    for byte in body if byte_every_s else ():
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(byte_every_s)
                    if not byte_every_s:
                        self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815  (the library's name)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
