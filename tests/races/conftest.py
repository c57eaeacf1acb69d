import http.client
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import PLENTY
from tests.ops.shops import CHECKOUT, free_port

OPENING_S = 60
ENDING_S = 30
POLL_S = 0.1


@pytest.fixture
def web(transactional_db, tmp_path):
    """The shop as it is served in production: gunicorn, two processes of four threads."""
    port = free_port()
    log = tmp_path / "gunicorn.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "mdv.wsgi", "--config", "python:mdv.ops.gunicorn"],
            cwd=CHECKOUT,
            env={**os.environ, **_addresses(), **_high_limits(), "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_open(port, process, log)
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ENDING_S)


def _addresses():
    place = connection.settings_dict
    database = f"postgres://{place['USER']}@{quote(place['HOST'], safe='')}/{place['NAME']}"
    return {"DATABASE_URL": database, "REDIS_URL": settings.CACHES["default"]["LOCATION"]}


def _high_limits():
    return {f"RATE_LIMIT_{scope.upper()}": PLENTY for scope in settings.RATE_LIMITS}


def _wait_until_open(port, process, log):
    deadline = time.monotonic() + OPENING_S
    while not _answers(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(POLL_S)


def _answers(port):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/health/live")
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()
