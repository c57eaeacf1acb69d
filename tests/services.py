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
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # the controller started them; its environment is ours
    running = ExitStack()
    early_config.add_cleanup(running.close)
    addresses = running.enter_context(throw_away())
    # What a developer exported must neither change a test nor lead it to another database.
    for name in VARIABLES.findall(Path(early_config.rootpath, ".env.example").read_text()):
        os.environ.pop(name, None)
    os.environ.update(addresses)
