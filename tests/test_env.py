"""The environment: every variable is explained, and a wrong one is named."""

import re
from pathlib import Path

import pytest

from mdv import env

EXAMPLE = Path(__file__).parent.parent / ".env.example"

PRODUCTION = {
    "SECRET_KEY": "x1" * 25,
    "ALLOWED_HOSTS": "shop.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://shop.example.com",
    "STORE_URL": "https://shop.example.com",
    "DATABASE_URL": "postgres://shop@db/shop",
    "REDIS_URL": "redis://cache/0",
}

WRONG = {
    "MDV_ENV": "staging",
    "SECRET_KEY": "short",
    "ALLOWED_HOSTS": "",
    "CSRF_TRUSTED_ORIGINS": "",
    "STORE_URL": "",
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "PORT": "65536",
    "WEB_CONCURRENCY": "0",
    "WEB_THREADS": "many",
    "STORE_CURRENCY": "naira",
    "STORE_COUNTRY": "NGA",
    "TRUSTED_PROXY_DEPTH": "-1",
    "RATE_LIMIT_ENABLED": "perhaps",
    **{f"RATE_LIMIT_{scope.upper()}": "fast" for scope in env.DEFAULT_RATES},
}

# Any text makes sense here, also none.
FREE = {
    "CORS_ALLOWED_ORIGINS",
    "DATABASE_DIRECT_URL",
    "MIGRATE_DATABASE_URL",
    "MDV_STATE_DIR",
    "MEDIA_ROOT",
    "STORE_NAME",
    "CLIENT_IP_HEADER",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
}


class Recording(dict):
    """Remembers which variables were asked for."""

    def __init__(self, *args):
        super().__init__(*args)
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)


@pytest.fixture
def asked_variables():
    variables = Recording(PRODUCTION)
    env.load(variables)
    env.local_run(variables)
    return variables.asked


def explained_variables():
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text(), re.MULTILINE))


def test_every_variable_that_is_read_is_explained_and_the_other_way_round(asked_variables):
    assert explained_variables() == asked_variables


def test_of_every_variable_a_wrong_value_is_tried_here_or_it_is_free_text(asked_variables):
    assert WRONG.keys() | FREE == asked_variables
    assert not WRONG.keys() & FREE


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_value_is_refused_with_the_variables_name(name, value):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} "):
        env.load({**PRODUCTION, name: value})


def test_the_key_of_local_runs_is_refused_in_production():
    with pytest.raises(env.EnvironmentProblem, match=r"^SECRET_KEY must be"):
        env.load({**PRODUCTION, "SECRET_KEY": env.LOCAL_SECRET_KEY})


@pytest.mark.parametrize("name", ["PORT"])
def test_make_run_refuses_a_wrong_value_before_it_starts_anything(name):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} must be a whole number"):
        env.local_run({name: "eighty"})


def test_make_run_starts_services_of_its_own_only_when_none_are_given():
    nothing_given = env.local_run({"MDV_STATE_DIR": "/srv/shop"})
    both_given = env.local_run({"DATABASE_URL": "postgres://db", "REDIS_URL": "redis://cache"})

    assert nothing_given == env.LocalRun(
        state_dir=Path("/srv/shop"), port=8000, database_url="", redis_url=""
    )
    assert (both_given.database_url, both_given.redis_url) == ("postgres://db", "redis://cache")


def test_beside_a_running_shop_the_addresses_come_from_its_state_folder(tmp_path):
    env.services_file(tmp_path).write_text("DATABASE_URL=postgres://a?b=c\nREDIS_URL=unix:///r\n")

    shop = env.load({"MDV_ENV": "local", "MDV_STATE_DIR": str(tmp_path)})

    assert (shop.database_url, shop.redis_url) == ("postgres://a?b=c", "unix:///r")


def test_in_production_the_state_folder_is_not_asked_for_addresses(tmp_path):
    env.services_file(tmp_path).write_text("DATABASE_URL=postgres://a\n")
    given = {**PRODUCTION, "MDV_STATE_DIR": str(tmp_path)}

    with pytest.raises(env.EnvironmentProblem, match=r"^DATABASE_URL is not set"):
        env.load({**given, "DATABASE_URL": ""})
