"""A real worker, in a process of its own, on the tests' database."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection

from tests.ops.shops import CHECKOUT

ENDING_S = 30


@contextmanager
def worker():
    place = connection.settings_dict
    url = f"postgres://{place['USER']}@{quote(place['HOST'], safe='')}/{place['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker"],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": url},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(ENDING_S)
