"""One drill from the empty shop to the report, in a process of its own."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection

from mdv.ops.drill.asking import Client
from mdv.ops.drill.crowd import Crowd
from mdv.ops.drill.found import Found, look
from mdv.ops.drill.ledger import Ledger
from mdv.ops.drill.plan import COLD, HOT, stock_of
from mdv.ops.drill.proofs import prove
from mdv.ops.drill.providers import Disorder, read_journal
from mdv.ops.drill.scene import STAFF, log_in, set_the_scene
from mdv.ops.drill.settling import settle

PROGRESS, JOURNAL, REPORT = "progress", "journal.jsonl", "report.json"  # files in the folder
POLL_S = 0.1


def play(
    *, attempts: int, clients: int, seed: int, shop: str, providers: str, folder: Path
) -> None:
    """Fill the shop, let the crowd in, wait until all is quiet, and write the report."""
    ledger = Ledger()
    password = set_the_scene(attempts=attempts)
    staff = [log_in(shop, ledger, email=email, password=password) for email in STAFF]
    connection.close()
    started = time.monotonic()
    customer = Client(shop, ledger)
    crowd = Crowd(attempts=attempts, clients=clients, seed=seed, customer=customer, staff=staff)
    disorder = Disorder(providers)
    disorder.begin()
    crowd.begin()
    while not crowd.is_over:
        (folder / PROGRESS).write_text(str(ledger.attempts))
        time.sleep(POLL_S)
    disorder.end()
    over = time.monotonic()
    under_way = settle(paid=ledger.charges.keys())
    settled = time.monotonic()
    stock = {sku: stock_of(sku, attempts) for sku in (*HOT, *COLD)}
    found = look(stock=stock, providers=read_journal(folder / JOURNAL), under_way=under_way)
    proofs = prove(ledger, found, stock=stock)
    report = {
        "figures": _figures(ledger, found, seconds=over - started, settling=settled - over),
        "proofs": [asdict(proof) | {"holds": proof.holds} for proof in proofs],
    }
    (folder / REPORT).write_text(json.dumps(report, indent=2))


def _figures(ledger: Ledger, found: Found, *, seconds: float, settling: float) -> dict[str, Any]:
    return {
        "attempts": ledger.attempts,
        "fates": dict(ledger.fates),
        "orders": len(ledger.orders),
        "payments": len(ledger.charges),
        "refunds": len(ledger.refunds),
        "answers": dict(ledger.answers),
        "connections_lost": ledger.lost_connections,
        "notices_taken": found.providers.deliveries,
        "notices_not_taken": found.providers.failed_deliveries,
        "seconds": round(seconds, 1),
        "seconds_to_rest": round(settling, 1),
    }
