"""`python -m mdv.ops.simulators --shop http://localhost:8000 …`: both providers in one process."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from mdv.ops.simulators.desk import Desk
from mdv.ops.simulators.journal import Journal
from mdv.ops.simulators.paystack import Paystack
from mdv.ops.simulators.post import Post
from mdv.ops.simulators.server import Server
from mdv.ops.simulators.stripe import Stripe
from mdv.ops.simulators.switches import Panel

WEBHOOKS = "/api/v1/webhooks/"


def main() -> int:
    """Serve until SIGTERM. The first line of the output is the address."""
    asked = _read_arguments()
    server = Server(asked.port)
    journal = Journal(asked.journal)

    def post_of(provider: str) -> Post:
        target = f"{asked.shop.rstrip('/')}{WEBHOOKS}{provider}" if asked.shop else ""
        return Post(target, provider=provider, panel=Panel(), journal=journal)

    paystack = Paystack(
        base_url=server.url, secret_key=asked.paystack_key, post=post_of("paystack")
    )
    stripe = Stripe(
        base_url=server.url,
        secret_key=asked.stripe_key,
        webhook_secret=asked.stripe_webhook_secret,
        post=post_of("stripe"),
    )
    server.desk = Desk({"paystack": paystack, "stripe": stripe}, journal)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this handler interrupts: another thread calls it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    return 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mdv.ops.simulators")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--shop", default="", help="where notices go; without it nowhere")
    parser.add_argument("--journal", type=Path, help="a file that gets one JSON line per event")
    parser.add_argument("--paystack-key", default="sk_test_simulated")
    parser.add_argument("--stripe-key", default="sk_test_simulated")
    parser.add_argument("--stripe-webhook-secret", default="whsec_simulated")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
