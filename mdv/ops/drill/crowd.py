"""Many customers at the same time, each with the next attempt."""

import threading
import traceback

from mdv.ops.drill.asking import Client, NeverAnswered
from mdv.ops.drill.ledger import Ledger
from mdv.ops.drill.plan import attempt_of
from mdv.ops.drill.visits import Visit


class Crowd:
    """``clients`` threads that make ``attempts`` visits together."""

    def __init__(
        self, *, attempts: int, clients: int, seed: int, customer: Client, staff: list[Client]
    ) -> None:
        self.seed = seed
        self.customer = customer
        self.staff = staff
        self.ledger: Ledger = customer.ledger
        self.numbers = iter(range(attempts))
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._come, daemon=True) for _ in range(clients)]

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def _come(self) -> None:
        while (number := self._next()) is not None:
            self._visit(number)
            with self.ledger.writing() as ledger:
                ledger.attempts += 1

    def _next(self) -> int | None:
        with self.lock:
            return next(self.numbers, None)

    def _visit(self, number: int) -> None:
        attempt = attempt_of(self.seed, number)
        staff = self.staff[number % len(self.staff)]
        try:
            Visit(attempt, customer=self.customer, staff=staff).make()
        except NeverAnswered:
            return
        except Exception as problem:  # noqa: BLE001 (it fails a proof, and ends no other visit)
            where = traceback.extract_tb(problem.__traceback__)[-1]
            with self.ledger.writing() as ledger:
                ledger.unexplained.append(f"{problem!r} at {where.name}:{where.lineno}")
