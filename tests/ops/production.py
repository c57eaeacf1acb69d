"""A shop in production mode: gunicorn as a process of its own, asked as from behind a proxy."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.ops.databases import CHECKOUT, manage
from tests.ops.shops import free_port, processes_on, wait_until

HOST = "shop.example.com"
GUNICORN = [sys.executable, "-m", "gunicorn", "mdv.wsgi", "--config", "python:mdv.ops.gunicorn"]
OPENING_S = 90
ENDING_S = 60
ASKING_S = 30
PLENTY = "100000/m"
RATES = ("LOGIN", "LOGIN_ACCOUNT", "API", "API_WRITE", "CATALOGUE", "SEARCH", "ORDER", "STAFF")


def variables(folder, **changes):
    """What production needs, with its state in a folder."""
    return {
        "MDV_ENV": "production",
        "SECRET_KEY": "for-the-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
        "AUDIT_HMAC_KEY": "for-the-tests-only-0123456789-abcdef",
        "ALLOWED_HOSTS": HOST,
        "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "STORE_URL": f"https://{HOST}",
        "EMAIL_URL": "submission://shop:secret@mail.example.com",
        "DEFAULT_FROM_EMAIL": f"shop@{HOST}",
        "TRUSTED_PROXY_DEPTH": "1",
        "MDV_STATE_DIR": str(folder),
        **{f"RATE_LIMIT_{scope}": PLENTY for scope in RATES},
        **changes,
    }


def collect_static(folder):
    """Do what a build does."""
    collected = manage(
        "collectstatic", "--no-input", "--verbosity=0", **variables(folder), PYTHONWARNINGS="error"
    )
    assert (collected.returncode, collected.stdout, collected.stderr) == (0, "", "")


class ProductionShop:
    """gunicorn with `workers` processes; every request of :meth:`ask` came over HTTPS."""

    def __init__(self, folder, *, workers=2, **changes):
        self.folder = folder
        self.port = free_port()
        self.log = Path(folder, f"web-{self.port}.log")
        self.variables = variables(
            folder, PORT=str(self.port), WEB_CONCURRENCY=str(workers), **changes
        )
        with self.log.open("w") as output:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                GUNICORN,
                cwd=CHECKOUT,
                env={**os.environ, **self.variables},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=ASKING_S)

    @property
    def said(self):
        return self.log.read_text()

    def wait_until_open(self):
        wait_until(lambda: self.is_alive() or self.process.poll() is not None, OPENING_S)
        assert self.process.poll() is None, self.said
        return self

    def is_alive(self):
        try:
            return self.ask("GET", "/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, method, path, body=None, *, client=None, **headers):
        """Send a request as the proxy in front hands it over; `body` is JSON or a form's text."""
        proxied = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        content = {"content": body} if isinstance(body, str) else {"json": body} if body else {}
        headers = {name: value for name, value in {**proxied, **headers}.items() if value}
        return (client or self.client).request(method, path, headers=headers, **content)

    def workers(self):
        """The numbers of the worker processes."""
        own = [pid for pid in processes_on(self.folder) if parent_of(pid) == self.process.pid]
        return sorted(own)

    def manage(self, *arguments, **options):
        done = manage(*arguments, **options, **self.variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self, number=signal.SIGTERM):
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(ENDING_S)


def parent_of(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
