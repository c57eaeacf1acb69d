"""The little shop in a database of its own: opened now and then, and not for each test."""

import copy
import os
import shutil
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from mdv.kernel import clock
from tests.backoffice.shop import open_shop
from tests.migrated import TEMPLATE

# Pages say "today" and "just now" of it.
LONGEST_AGE = timedelta(seconds=30)


class ShopDatabase:
    """Where the shop is open. What a test writes there is rolled back, as always."""

    def __init__(self, folder):
        self.name = f"shop_{os.getpid()}"
        self.media = folder / "media"
        self.opened_at = None

    @contextmanager
    def connected(self):
        """Lead the tests' connection here; it was opened a moment ago, on this very day."""
        usual = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = self.name
        try:
            if not self._is_fresh():
                self._open()
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual

    def objects(self, media):
        """The shop's objects, for one test to change; its pictures go to the folder."""
        shutil.copytree(self.media, media)
        return copy.deepcopy(self.shop)

    def drop(self):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            session.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _is_fresh(self):
        now = clock.now()
        return (
            self.opened_at is not None
            and timedelta(0) <= now - self.opened_at < LONGEST_AGE
            and timezone.localdate(now) == timezone.localdate(self.opened_at)
        )

    def _open(self):
        self.opened_at = None
        self.drop()
        shutil.rmtree(self.media, ignore_errors=True)
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            session.execute(f"CREATE DATABASE {self.name} TEMPLATE {TEMPLATE}")
        opened_at = clock.now()
        with override_settings(MEDIA_ROOT=self.media):
            self.shop = open_shop()
        self.opened_at = opened_at
