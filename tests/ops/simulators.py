"""The simulated providers as a process of their own, and a shop that hears their notices."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.ops.shops import CHECKOUT, wait_until

PAYSTACK_KEY = "sk_test_paystack0123456789"
STRIPE_KEY = "sk_test_stripe0123456789"
WEBHOOK_SECRET = "whsec_stripe0123456789"
HEARING_S = 10
ENDING_S = 10


class Simulators:
    def __init__(self, shop="", **changes):
        keys = {
            "paystack-key": PAYSTACK_KEY,
            "stripe-key": STRIPE_KEY,
            "stripe-webhook-secret": WEBHOOK_SECRET,
            **changes,
        }
        self.process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", "mdv.ops.simulators", f"--shop={shop}"]
            + [f"--{name}={value}" for name, value in keys.items()],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=HEARING_S)

    def turn(self, provider, **switches):
        """Make something go wrong."""
        return self.control(provider=provider, switches=switches)

    def control(self, **wanted):
        answer = self.client.post("/_control", json=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self):
        self.control(reset=True)

    def calls(self, provider):
        """What was asked of a provider since the last reset."""
        headers = {"Content-Type": "application/json"}
        entries = self.client.get("/_control", headers=headers).json()
        return [entry for entry in entries if entry["provider"] == provider and "path" in entry]

    def choose(self, page, action="pay"):
        """Press a button of a payer's page; return the answer."""
        return self.client.post(page, data={"action": action})

    def end(self):
        self.client.close()
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(ENDING_S)


class Ear:
    """A shop that does nothing but listen. ``status`` is what it says."""

    def __init__(self):
        self.heard = []
        self.status = 200
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((self.path, body, dict(self.headers.items())))
                self.send_response(ear.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wait_for(self, count):
        """Return the bodies and headers of the first so many notices."""
        wait_until(lambda: len(self.heard) >= count, HEARING_S)
        return [(body, headers) for _, body, headers in self.heard[:count]]

    def events(self):
        return [json.loads(body) for _, body, _ in self.heard]

    def reset(self):
        self.heard.clear()
        self.status = 200

    def end(self):
        self.server.shutdown()
        self.server.server_close()
