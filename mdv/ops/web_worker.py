"""gunicorn's threads, spared from waiting for slow clients.

gunicorn's own `gthread` reads a request in the thread that will answer it, for as long as the
client likes: as many idle connections as there are threads stop the shop. Here the loop that
accepts connections also collects what they send, and a thread gets a request when it is whole. Only
long bodies are read by threads, within a time, and never by all of them.
"""

import selectors
import socket
import struct
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

from mdv.ops.arriving import Stage, body_length, stage_of

ARRIVAL_S = 15  # for the head and a short body, from the first moment on
SILENCE_S = 10  # between two pieces of a long body, and of an answer that nobody takes
LONG_BODY_S = 20  # for a long body, and more with its length:
SLOWEST_BYTES_PER_S = 20_000
TURN_S = 30  # that a long body waits for its turn
PARTING_S = 2  # for a client to take the last answer and close
PIECE = 64 * 1024  # bytes


class Reader(SocketUnreader):  # type: ignore[misc]
    """Reads what is still to come, until it is too late. Of a whole request nothing is."""

    until = 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        left = min(self.until - time.monotonic(), SILENCE_S)
        if left <= 0:
            raise NoMoreData
        self.sock.settimeout(left)
        try:
            piece: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise NoMoreData from None
        finally:
            self.sock.settimeout(None)
        return piece


@dataclass
class Waiting:
    """A connection that holds no thread, and until when it may."""

    until: float
    received: bytearray = field(default_factory=bytearray)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that waits for its clients without its threads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Any, Waiting] = {}
        self.for_a_turn: deque[Any] = deque()
        self.read_by_threads: set[Any] = set()
        self.most_read_by_threads = max(1, self.cfg.threads // 2)

    def enqueue_req(self, conn: Any) -> None:
        """Collect the next request of `conn`, new or kept alive; a thread gets it later."""
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = Reader(conn.sock)
            at_most = struct.pack("ll", SILENCE_S, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, at_most)
        conn.data_ready = True
        conn.sock.setblocking(False)
        received = bytearray(conn.parser.unreader.take_buffered())
        self.waiting[conn] = Waiting(time.monotonic() + ARRIVAL_S, received)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._collect, conn))
        if received:
            self._consider(conn)
        else:
            self._collect(conn, conn.sock)

    def _collect(self, conn: Any, client: Any) -> None:
        try:
            piece = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._end(conn)
            return
        self.waiting[conn].received += piece
        self._consider(conn)

    def _consider(self, conn: Any) -> None:
        """Give the request to a thread if it is time."""
        received = self.waiting[conn].received
        stage = stage_of(received)
        if stage is Stage.PARTIAL:
            return
        self.poller.unregister(conn.sock)
        conn.parser.unreader.unread(bytes(received))
        if stage is Stage.WHOLE:
            del self.waiting[conn]
            conn.parser.unreader.until = 0.0
            super().enqueue_req(conn)
        else:
            allowed = LONG_BODY_S + body_length(received) / SLOWEST_BYTES_PER_S
            self.waiting[conn] = Waiting(time.monotonic() + TURN_S)
            conn.allowed_s = allowed
            self.for_a_turn.append(conn)
            self._read_long_bodies()

    def _read_long_bodies(self) -> None:
        while self.for_a_turn and len(self.read_by_threads) < self.most_read_by_threads:
            conn = self.for_a_turn.popleft()
            if self.waiting.pop(conn, None) is None:
                continue  # it waited for too long
            self.read_by_threads.add(conn)
            conn.parser.unreader.until = time.monotonic() + conn.allowed_s
            super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: "Future[Any]") -> None:
        """Keep the connection for its next request, or part from its client."""
        self.read_by_threads.discard(conn)
        self._read_long_bodies()
        if fs.cancelled() or fs.exception() or not fs.result():
            self._part(conn)
        else:
            super().finish_request(conn, fs)

    def _part(self, conn: Any) -> None:
        """Let the client take the last answer. gunicorn would have everybody wait meanwhile."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError):
            self._end(conn)
            return
        self.waiting[conn] = Waiting(time.monotonic() + PARTING_S)

    def _discard(self, conn: Any, client: Any) -> None:
        try:
            if not conn.sock.recv(PIECE):
                self._end(conn)
        except BlockingIOError:
            return
        except OSError:
            self._end(conn)

    def murder_pending(self) -> None:
        """Close what has waited for too long."""
        now = time.monotonic()
        for conn in [conn for conn, one in self.waiting.items() if one.until <= now]:
            self._end(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """When told to end, wait no longer for clients that have said nothing."""
        super()._cap_keepalive(deadline)
        for one in self.waiting.values():
            if not one.received:
                one.until = min(one.until, deadline)

    def _end(self, conn: Any) -> None:
        self.waiting.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):  # it need not be registered
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
