"""A PostgreSQL and a Redis of the tests' own, there before Django's settings are read.

Loaded by `-p tests.services` in pyproject.toml, so that `pytest tests/any_file.py` just works.
"""

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from mdv.ops.local.throwaway import throw_away

VARIABLES = re.compile(r"^#? ?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    number = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    if number:  # the controller started them; its environment is ours, but for Redis's database
        os.environ["REDIS_URL"] = re.sub(r"db=\d+", f"db={number}", os.environ["REDIS_URL"])
        return
    running = ExitStack()
    early_config.add_cleanup(running.close)
    addresses = running.enter_context(throw_away())
    # What a developer exported must neither change a test nor lead it to another database.
    for name in VARIABLES.findall(Path(early_config.rootpath, ".env.example").read_text()):
        os.environ.pop(name, None)
    os.environ.update(addresses)
