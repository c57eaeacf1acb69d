"""Clients that say nothing, or say it slowly, keep nobody else waiting."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from mdv.ops.arriving import MAX_HEAD, MAX_SHORT_BODY, Stage, stage_of
from tests.ops.shops import CHECKOUT, free_port, wait_until

SOON_S = 2
OPENING_S = 30
THREADS = 2
IDLE = 20

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
SILENT = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: local",
    "no body": HEAD % 100,
    "half a body": HEAD % 100 + b"x" * 50,
    "no long body": HEAD % 5_000_000,
    "half a long body": HEAD % 200_000 + b"x" * 100_000,
    "no chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a refused head": b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Where gunicorn listens, as the shop is served, with one process of two threads."""
    port = free_port()
    log = tmp_path_factory.mktemp("web") / "gunicorn.log"
    changes = {"PORT": str(port), "WEB_CONCURRENCY": "1", "WEB_THREADS": str(THREADS)}
    command = ["gunicorn", "tests.ops.parcels:weigh", "--config", "python:mdv.ops.gunicorn"]
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", *command],
            cwd=CHECKOUT,
            env={**os.environ, "MDV_ENV": "local", **changes},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, OPENING_S)
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(OPENING_S) == 0, log.read_text()


def answers(port):
    try:
        return ask(port) == b"0"
    except OSError:
        return False


def ask(port, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON_S * 10)
    try:
        connection.request("POST" if body else "GET", "/", body=body or None)
        return connection.getresponse().read()
    finally:
        connection.close()


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


@pytest.mark.parametrize("said", SILENT.values(), ids=SILENT)
def test_twenty_silent_clients_keep_nobody_waiting(port, said):
    with ExitStack() as open_:
        for _ in range(IDLE):
            silent = open_.enter_context(connected(port))
            silent.sendall(said)
        time.sleep(0.3)
        started = time.monotonic()
        answered = [ask(port), ask(port, b"x" * 1_000)]

        assert answered == [b"0", b"1000"]
        assert time.monotonic() - started < SOON_S


def test_what_comes_slowly_is_read_and_the_connection_is_kept(port):
    with connected(port) as slow:
        for size in (10, 5_000, 300_000):
            whole = HEAD % size + b"x" * size
            step = len(whole) // 5 + 1
            for start in range(0, len(whole), step):
                slow.sendall(whole[start : start + step])
                time.sleep(0.05)
            answer = http.client.HTTPResponse(slow)
            answer.begin()
            assert answer.read() == str(size).encode()


def test_requests_sent_at_once_are_answered_one_by_one(port):
    with connected(port) as eager:
        eager.sendall(HEAD % 3 + b"abc" + HEAD % 4 + b"abcd" + (HEAD % 5)[:20])
        time.sleep(0.3)
        eager.sendall((HEAD % 5)[20:] + b"abcde")
        said = b""
        while said.count(b"200 OK") < 3 or not said.endswith(b"5"):
            said += eager.recv(4096)

    assert [part[-1:] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"3", b"4", b"5"]


def test_who_asks_whether_to_go_on_is_told(port):
    with connected(port) as polite:
        polite.sendall((HEAD % 4)[:-2] + b"Expect: 100-continue\r\n\r\n")
        assert polite.recv(100).startswith(b"HTTP/1.1 100 Continue")
        polite.sendall(b"abcd")
        answer = http.client.HTTPResponse(polite)
        answer.begin()

        assert answer.read() == b"4"


@pytest.mark.slow
def test_who_never_ends_a_head_is_parted_from(port):
    with connected(port) as silent:
        silent.sendall(SILENT["half a head"])
        started = time.monotonic()
        for _ in range(40):
            try:
                silent.sendall(b"x")
                time.sleep(0.5)
            except OSError:
                break

    assert 14 < time.monotonic() - started < 19


STAGES = [
    (b"", Stage.PARTIAL),
    (b"GET / HTTP/1.1\r\n", Stage.PARTIAL),
    (b"GET / HTTP/1.1\r\n\r\n", Stage.WHOLE),
    (b"x" * (MAX_HEAD + 1), Stage.WHOLE),
    (HEAD % 3 + b"ab", Stage.PARTIAL),
    (HEAD % 3 + b"abc", Stage.WHOLE),
    (HEAD % MAX_SHORT_BODY, Stage.PARTIAL),
    (HEAD % (MAX_SHORT_BODY + 1), Stage.LONG),
    (HEAD.lower() % 3, Stage.PARTIAL),
    (b"GET / HTTP/1.1\r\n\r\nContent-Length: 9\r\n\r\n", Stage.WHOLE),
    (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", Stage.WHOLE),
]


@pytest.mark.parametrize(("received", "stage"), STAGES, ids=range(len(STAGES)))
def test_how_much_of_a_request_is_here(received, stage):
    assert stage_of(received) is stage
