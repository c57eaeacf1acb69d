"""Connections of which every step ends by one moment: the end of the call that uses them.

A timeout of its own bounds each step, and a server that sends a byte now and then never runs into
that. Looking up the host's name is the system's, with its own bounds.
"""

import math
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpcore


class Deadline(threading.local):
    """When the call of this thread ends, by the monotonic clock in seconds."""

    ends_at = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End everything on this thread's connections after so long."""
        self.ends_at = monotonic() + seconds
        try:
            yield
        finally:
            self.ends_at = math.inf

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        """Return how long the next step may take.

        Raises:
            late: the time is over.
        """
        left = self.ends_at - monotonic()
        if left <= 0:
            raise late("The call took too long.")
        return left if timeout is None else min(left, timeout)


class BoundedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is.

        Raises:
            httpcore.ReadTimeout: there is nothing in time.
        """
        return self.stream.read(max_bytes, self.deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it.

        Raises:
            httpcore.WriteTimeout: nobody takes it in time.
        """
        self.stream.write(buffer, self.deadline.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Go on encrypted.

        Raises:
            httpcore.ConnectTimeout: the other side does not agree in time.
        """
        left = self.deadline.left(timeout, httpcore.ConnectTimeout)
        return BoundedStream(
            self.stream.start_tls(ssl_context, server_hostname, left), self.deadline
        )

    def get_extra_info(self, info: str) -> Any:
        """Tell what is asked of the stream within."""
        return self.stream.get_extra_info(info)


class BoundedBackend(httpcore.NetworkBackend):
    """Opens connections by the deadline, however many addresses a host has."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers.

        Raises:
            httpcore.ConnectTimeout: none does in time.
            httpcore.ConnectError: none does, or the host is unknown.
        """
        problem: Exception = httpcore.ConnectError("The host has no address.")
        for address in _addresses(host, port):
            left = self.deadline.left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self.backend.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refusal:
                problem = refusal
            else:
                return BoundedStream(stream, self.deadline)
        raise problem


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise httpcore.ConnectError(str(problem)) from problem
    return [str(address[0]) for *_, address in found]
