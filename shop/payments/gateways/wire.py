"""Asking a provider over HTTPS: bounded in time and size, and left alone while it is out."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpcore
import httpx
from django.conf import settings

from shop.payments.gateways.breaker import Breaker
from shop.payments.gateways.deadline import BoundedBackend, Deadline

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
MAX_CONNECTIONS = 100
MAX_ANSWER_BYTES = 1024 * 1024
# They say nothing of the payment: the same request may succeed a moment later.
TRY_AGAIN = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


# What goes wrong before the first byte of a request.
BEFORE_SENDING = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
    httpx.InvalidURL,
)
LATER = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    OSError,
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

    Proxies named in the environment are not used: keys go to the provider's own host alone. A
    call ends after OUTSIDE_CALL_S, whatever the other side does.
    """

    def __init__(self, name: str, *, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker(name)
        self.deadline = Deadline()

    @functools.cached_property
    def _pool(self) -> httpcore.ConnectionPool:
        """The connections, made when something is asked first: it takes a third of a second."""
        return httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=MAX_CONNECTIONS,
            network_backend=BoundedBackend(self.deadline),
        )

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
        except LATER as problem:
            self.breaker.was_out()
            raise Outage(type(problem).__name__) from problem
        except Outage:
            self.breaker.was_out()
            raise
        self.breaker.answered()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        address = httpx.URL(url)
        # What is packed would have to be unpacked, and has no size until then.
        sent: list[tuple[bytes | str, bytes | str]] = [
            *headers.items(),
            ("Accept-Encoding", "identity"),
        ]
        timeouts = {
            "pool": CONNECT_TIMEOUT_S,
            "connect": CONNECT_TIMEOUT_S,
            "read": READ_TIMEOUT_S,
            "write": READ_TIMEOUT_S,
        }
        with (
            self.deadline.within(settings.OUTSIDE_CALL_S),
            self._pool.stream(
                method,
                httpcore.URL(
                    scheme=address.raw_scheme,
                    host=address.raw_host,
                    port=address.port,
                    target=address.raw_path,
                ),
                headers=sent,
                content=content,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            if not _says_something(response.status):
                raise Outage(f"status {response.status}")
            body = bytearray()
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise Outage("too large")
            answered = httpx.Headers(response.headers)
            return Answer(status=response.status, headers=answered, body=bytes(body))


def _says_something(status: int) -> bool:
    is_final = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_final or (is_refusal and status not in TRY_AGAIN)
