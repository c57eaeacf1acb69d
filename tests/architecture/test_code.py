"""The shape of the house: file sizes, who imports whom, migrations that match the models."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
SOURCES = ("mdv", "shop", "refunds", "audit", "tests", "bench")
MOST_LINES = 400
# From here on a file asks for a name that it has not been given yet.
MANY_LINES = 300


def python_files():
    return [
        path
        for source in SOURCES
        for path in sorted((ROOT / source).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def lengths():
    return {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python_files()
    }


def test_no_file_is_longer_than_four_hundred_lines(record_property):
    long = {name: length for name, length in lengths().items() if length > MANY_LINES}
    record_property("longer than 300 lines", long)

    assert {name: length for name, length in long.items() if length > MOST_LINES} == {}


def test_services_and_states_are_measured_even_if_no_other_test_comes_to_them():
    """What nobody imports would be missing in the report of what is covered."""
    found = [path.relative_to(ROOT).with_suffix("") for path in python_files()]
    must_be_covered = [
        ".".join(path.parts)
        for path in found
        if path.parts[0] != "tests" and {"services", "states"} & {path.name, path.parent.name}
    ]

    for name in must_be_covered:
        import_module(name)

    assert len(must_be_covered) > 50


def test_everybody_imports_downwards_alone():
    lint = Path(sys.executable).with_name("lint-imports")

    checked = subprocess.run(  # noqa: S603
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say(capsys):
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)

    assert "No changes detected" in capsys.readouterr().out
