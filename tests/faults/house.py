"""A shop in production mode on a PostgreSQL and a Redis that a test may take away."""

import os
import re
import signal
import subprocess
import sys
import uuid

import psycopg

from mdv.ops.local.services import Postgres, Redis
from tests import migrated
from tests.ops.databases import CHECKOUT
from tests.ops.production import ENDING_S, ProductionShop, collect_static

PASSWORD = "violet-otter-93"
STAFF = "eve@example.com"
PRICE = "1500.00"
STOCK = 1000
WORKER = [sys.executable, "manage.py", "procrastinate", "worker"]


class House:
    """The services, the shop on them, and somebody who keeps it."""

    def __init__(self, folder):
        self.folder = folder
        collect_static(folder)
        migrated.fill(folder)
        self.postgres = Postgres(folder, durable=False)
        self.redis = Redis(folder)
        self.database = migrated.url_of(self.postgres.url)
        addresses = {"DATABASE_URL": self.database, "REDIS_URL": self.redis.url}
        self.shop = ProductionShop(folder, **addresses).wait_until_open()
        self.shop.manage("create_staff", f"--email={STAFF}", "--role=admin", typed=f"{PASSWORD}\n")
        self.token = self.log_in().json()["token"]
        self._sell_shirts()
        self.session = self._open_session()

    def end(self):
        self.shop.end()
        for service in (self.redis, self.postgres):
            if service.process.poll() is None:
                service.stop()

    # --- What breaks ----------------------------------------------------------------------

    def stop_postgres(self):
        self.postgres.stop()

    def start_postgres(self):
        self.postgres = Postgres(self.folder, durable=False)

    def stop_redis(self):
        self.redis.stop()

    def start_redis(self):
        self.redis = Redis(self.folder)

    def start_worker(self):
        environment = {**os.environ, **self.shop.variables}
        return subprocess.Popen(WORKER, cwd=CHECKOUT, env=environment)  # noqa: S603  (our own)

    def query(self, statement):
        with psycopg.connect(self.database) as session:
            return session.execute(statement).fetchall()

    # --- What people do -------------------------------------------------------------------

    def browse(self):
        return self.shop.ask("GET", "/api/v1/products")

    def log_in(self):
        return self.shop.ask("POST", "/api/v1/auth/login", {"email": STAFF, "password": PASSWORD})

    def own_profile(self, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.shop.ask("GET", "/api/v1/auth/me", **headers)

    def order(self, key=None, client=None):
        """Order a shirt, to be paid when it is picked up."""
        body = {
            "lines": [{"sku": "SHIRT", "quantity": 1}],
            "delivery_method": "pickup",
            "payment_method": "pay_at_pickup",
            "name": "Ada Obi",
            "phone": "+234 801 234 5678",
            "email": "guest@example.com",
            "expected_total": PRICE,
        }
        key = key or uuid.uuid4().hex
        headers = {"Idempotency-Key": key}
        return self.shop.ask("POST", "/api/v1/orders", body, client=client, **headers)

    def page(self, path="/admin/"):
        """Open a page of the back office, as a browser does."""
        return self.shop.ask("GET", path, Cookie=self.session, Accept="text/html")

    def health(self):
        answer = self.shop.ask("GET", "/health")
        return answer.status_code, answer.json()

    def _sell_shirts(self):
        product = self._as_staff("/staff/products", {"title": "Shirt"})["slug"]
        self._as_staff(f"/staff/products/{product}/variants", {"sku": "SHIRT", "price": PRICE})
        self._as_staff("/staff/stock/SHIRT/receive", {"quantity": STOCK})
        self._as_staff(f"/staff/products/{product}/status", {"status": "active"})

    def _as_staff(self, path, body):
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex}
        answer = self.shop.ask("POST", f"/api/v1{path}", body, **headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def _open_session(self):
        page = self.shop.ask("GET", "/admin/login/")
        form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        logged_in = self.shop.ask(
            "POST",
            "/admin/login/",
            f"csrfmiddlewaretoken={form}&username={STAFF.replace('@', '%40')}&password={PASSWORD}",
            **{
                "Cookie": page.headers["Set-Cookie"].partition(";")[0],
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": "https://shop.example.com/admin/login/",
            },
        )
        cookies = logged_in.headers.get_list("Set-Cookie")
        (session,) = [cookie for cookie in cookies if cookie.startswith("sessionid=")]
        return session.partition(";")[0]


def end_process(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(ENDING_S)
