"""Asking a provider over HTTPS: bounded in time and size, and left alone while it is out."""

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from shop.payments.gateways.breaker import Breaker

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
# A server that sends a byte now and then never runs into the timeout above.
WHOLE_ANSWER_S = 12.0
MAX_ANSWER_BYTES = 1024 * 1024
# They say nothing of the payment: the same request may succeed a moment later.
TRY_AGAIN = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


# What goes wrong before the first byte of a request.
BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class Outage(Exception):
    """There is no answer that says anything. What was asked for may have been done."""


class NotSent(Outage):
    """There was no connection to send the request on, so nothing was done."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A provider's answer, 2xx or 4xx."""

    status: int
    headers: httpx.Headers
    body: bytes


class Wire:
    """One provider's connections, shared by the threads of a process.

    Proxies named in the environment are not used: keys go to the provider's own host alone.
    """

    def __init__(self, name: str, *, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker(name)

    @functools.cached_property
    def _client(self) -> httpx.Client:
        """The connections, made when something is asked first: it takes a third of a second."""
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        return httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer:
        """Send one request, once.

        Raises:
            NotSent: no connection, or the breaker is open.
            Outage: too slow, cut off, too large, 3xx, 5xx or one of TRY_AGAIN.
        """
        if not self.breaker.lets_through():
            raise NotSent("it did not answer before")
        try:
            answer = self._exchange(method, url, headers, content)
        except BEFORE_SENDING as problem:
            self.breaker.was_out()
            raise NotSent(type(problem).__name__) from problem
        except (httpx.HTTPError, httpx.StreamError, OSError) as problem:
            self.breaker.was_out()
            raise Outage(type(problem).__name__) from problem
        except Outage:
            self.breaker.was_out()
            raise
        self.breaker.answered()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        give_up_at = time.monotonic() + WHOLE_ANSWER_S
        with self._client.stream(method, url, headers=headers, content=content) as response:
            if not _says_something(response.status_code):
                raise Outage(f"status {response.status_code}")
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise Outage("too large")
                if time.monotonic() > give_up_at:
                    raise Outage("too slow")
            return Answer(status=response.status_code, headers=response.headers, body=bytes(body))


def _says_something(status: int) -> bool:
    is_final = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_final or (is_refusal and status not in TRY_AGAIN)
