"""A PostgreSQL and a Redis of the tests' own, there before Django's settings are read.

Loaded by `-p tests.services` in pyproject.toml, so that `pytest tests/any_file.py` just works.
"""

import os
import re
import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mdv.ops.local.services import Postgres, Redis
from tests import migrated

VARIABLES = re.compile(r"^#? ?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    number = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    if number:  # the controller started them; its environment is ours, but for Redis's database
        os.environ["REDIS_URL"] = re.sub(r"db=\d+", f"db={number}", os.environ["REDIS_URL"])
        return
    # The tests start hundreds of processes; each would compile Django again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # What a developer exported must neither change a test nor lead it to another database.
    for name in VARIABLES.findall(Path(early_config.rootpath, ".env.example").read_text()):
        os.environ.pop(name, None)
    running = ExitStack()
    early_config.add_cleanup(running.close)
    os.environ.update(running.enter_context(services()))


@contextmanager
def services():
    """Run both in a temporary folder, a migrated database among PostgreSQL's data.

    Gives the environment that leads to them.
    """
    folder = Path(tempfile.mkdtemp(prefix="mdv-"))
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, folder)
        migrated.fill(folder)
        postgres = Postgres(folder, durable=False)
        ending.callback(postgres.stop)
        redis = Redis(folder)
        ending.callback(redis.stop)
        yield {
            "MDV_ENV": "local",
            "MDV_STATE_DIR": str(folder),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
        }
