"""Many clients at the same moment, over real HTTP."""

import http.client
import threading
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from tests.orders.ordering import new_key

PATIENCE_S = 60


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    def json(self):
        return orjson.loads(self.body)

    @property
    def outcome(self):
        """The status, with the code of a refusal."""
        return f"{self.status} {self.json()['code']}" if self.status >= 400 else str(self.status)


class Client:
    """One client with a connection of its own."""

    def __init__(self, server, token=None):
        self.place = urlsplit(server.url)
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def send(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.place.netloc, timeout=PATIENCE_S)
        try:
            connection.request(
                method,
                f"/api/v1{path}",
                b"" if body is None else orjson.dumps(body),
                {**self.headers, **headers},
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()

    def act(self, path, body=None, *, key=None, **headers):
        """Send what must not happen twice."""
        return self.send("POST", path, body, **{"Idempotency-Key": key or new_key(), **headers})


def at_once(*acts):
    """Do all of it at the same moment, and return what each came to, in their order."""
    gate = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(place, act):
        gate.wait()
        results[place] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def outcomes(answers):
    return dict(Counter(answer.outcome for answer in answers))
