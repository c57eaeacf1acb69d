"""A PostgreSQL and a Redis of the tests' own, there before Django's settings are read.

Loaded by `-p tests.services` in pyproject.toml, so that `pytest tests/any_file.py` just works.
Where tests run side by side, each process has its own: what one does to a server meets no other.
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
# For the process that only hands the tests out.
NOWHERE = {
    "MDV_ENV": "local",
    "DATABASE_URL": "postgres://nobody@localhost/none",
    "REDIS_URL": "redis://localhost/0",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    # The tests start hundreds of processes; each would compile Django again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # What a developer exported must neither change a test nor lead it to another database.
    for name in VARIABLES.findall(Path(early_config.rootpath, ".env.example").read_text()):
        os.environ.pop(name, None)
    if hands_tests_out(early_config):
        os.environ.update(NOWHERE)
        return
    running = ExitStack()
    early_config.add_cleanup(running.close)
    os.environ.update(running.enter_context(services()))


def hands_tests_out(early_config):
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    return not is_worker and bool(early_config.known_args_namespace.numprocesses)


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
