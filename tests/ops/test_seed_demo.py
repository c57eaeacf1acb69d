"""seed_demo: where it refuses, and that it is all or nothing. What it makes: test_demo_shop.py."""

import pytest
from django.core.management import CommandError, call_command

from mdv.accounts.models import User
from mdv.ops.demo import seeding
from mdv.ops.demo.plan import make_plan
from shop.catalog.services import create_category
from tests.ops.databases import count_all_rows

pytestmark = pytest.mark.django_db


def test_a_shop_that_somebody_set_up_is_left_alone(capsys):
    create_category(name="Our own")
    before = count_all_rows()

    call_command("seed_demo")

    assert capsys.readouterr().out == (
        "Somebody has set up a shop here, so no demo data were added.\n"
    )
    assert count_all_rows() == before


def test_production_gets_no_demo_data(settings):
    settings.MDV_LOCAL = False
    before = count_all_rows()

    with pytest.raises(CommandError, match=r"^Demo data are for MDV_ENV=local"):
        call_command("seed_demo")

    assert count_all_rows() == before


def test_a_run_that_is_broken_off_leaves_nothing_so_that_the_next_can_begin(monkeypatch):
    def break_off(*args):
        assert User.objects.count() == 56
        raise KeyboardInterrupt

    monkeypatch.setattr(seeding, "fill_shelves", break_off)
    before = count_all_rows()

    with pytest.raises(KeyboardInterrupt):
        call_command("seed_demo")

    assert count_all_rows() == before
    assert seeding.is_empty()


def test_the_plan_is_the_same_at_every_call():
    assert make_plan() == make_plan()
