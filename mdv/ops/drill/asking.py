"""A client that asks until it has an answer, with the same key, as a careful client does."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from mdv.ops.drill.ledger import Ledger

API = "/api/v1"
CALL_TIMEOUT_S = 40
# Longer than the key of a request that died is held for it, and than a killed process is missed.
PATIENCE_S = 180.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
STILL_RUNNING = "still_running"
REPLAYED = "idempotent-replayed"


class NeverAnswered(Exception):
    """There was no answer within PATIENCE_S. The ledger has it."""


class Unexplained(Exception):
    """The shop answered what a healthy one does not answer here."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    is_replay: bool

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal, else empty."""
        if self.status < HTTPStatus.BAD_REQUEST or not self.body.startswith(b"{"):
            return ""
        return str(self.json().get("code", ""))

    @property
    def is_final(self) -> bool:
        """Whether asking the same again would be in vain: busy and broken may pass."""
        is_busy = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return not is_busy and self.code != STILL_RUNNING


@dataclass(frozen=True, kw_only=True)
class Request:
    """Something to ask of the shop; with a key it may be asked as often as one likes."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def new_key() -> str:
    """Return an Idempotency-Key that nobody has."""
    return uuid.uuid4().hex


class Client:
    """Sends requests to one shop and notes in the ledger how they were answered."""

    def __init__(self, shop: str, ledger: Ledger, *, token: str = "") -> None:
        self.place = urlsplit(shop).netloc
        self.ledger = ledger
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for something until there is an answer.

        Raises:
            NeverAnswered: there was none.
        """
        return self.ask(Request(method="GET", path=path, headers=headers))

    def post(self, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        """Send what may be sent twice until there is an answer.

        Raises:
            NeverAnswered: there was none.
        """
        return self.ask(Request(method="POST", path=path, body=body, headers=headers))

    def ask(self, request: Request) -> Answer:
        """Send the very same until there is an answer that stays.

        Raises:
            NeverAnswered: there was none.
        """
        deadline = time.monotonic() + PATIENCE_S
        pause = FIRST_PAUSE_S
        while time.monotonic() < deadline:
            answer = self._send(request)
            if answer is not None and answer.is_final:
                return answer
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        with self.ledger.writing() as ledger:
            ledger.unanswered.append(str(request))
        raise NeverAnswered(str(request))

    def _send(self, request: Request) -> Answer | None:
        """Send it once; nothing comes back when the connection is lost."""
        connection = http.client.HTTPConnection(self.place, timeout=CALL_TIMEOUT_S)
        body = b"" if request.body is None else json.dumps(request.body).encode()
        try:
            connection.request(
                request.method, f"{API}{request.path}", body, {**self.headers, **request.headers}
            )
            response = connection.getresponse()
            answer = Answer(
                status=response.status,
                body=response.read(),
                is_replay=response.headers.get(REPLAYED) == "true",
            )
        except (OSError, http.client.HTTPException):
            with self.ledger.writing() as ledger:
                ledger.lost_connections += 1
            return None
        finally:
            connection.close()
        with self.ledger.writing() as ledger:
            ledger.answers[f"{answer.status} {answer.code}".strip()] += 1
        return answer


def pay_at(page: str) -> bool:
    """Press Pay on a provider's page. Tell whether the money was taken.

    Raises:
        OSError: the provider is not there.
    """
    where = urlsplit(page)
    connection = http.client.HTTPConnection(where.netloc, timeout=CALL_TIMEOUT_S)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", where.path, b"action=pay", form)
        return connection.getresponse().status in {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}
    finally:
        connection.close()


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """Do all of it at the same moment; return the answers in their order.

    Raises:
        NeverAnswered: to one of them at least.
    """
    gate = threading.Barrier(len(acts))
    answers: dict[int, Answer] = {}
    problems: list[Exception] = []

    def run(place: int, act: Callable[[], Answer]) -> None:
        gate.wait()
        try:
            answers[place] = act()
        except Exception as problem:  # noqa: BLE001 (raised below, in the thread that asked)
            problems.append(problem)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return [answers[place] for place in range(len(acts))]
