"""The environment: every variable is explained, and a wrong one is named."""

import re
from pathlib import Path

import pytest

from mdv import env

EXAMPLE = Path(__file__).parent.parent / ".env.example"

PRODUCTION = {
    "SECRET_KEY": "x1" * 25,
    "AUDIT_HMAC_KEY": "y2" * 16,
    "ALLOWED_HOSTS": "shop.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://shop.example.com",
    "STORE_URL": "https://shop.example.com",
    "DATABASE_URL": "postgres://shop@db/shop",
    "REDIS_URL": "redis://cache/0",
}

WRONG = {
    "MDV_ENV": "staging",
    "SECRET_KEY": "short",
    "AUDIT_HMAC_KEY": f"{'y2' * 16},short",
    "ALLOWED_HOSTS": "https://shop.example.com",
    "CSRF_TRUSTED_ORIGINS": "shop.example.com",
    "CORS_ALLOWED_ORIGINS": "*",
    "STORE_URL": "shop.example.com",
    "DATABASE_URL": "mysql://shop@db/shop",
    "MIGRATE_DATABASE_URL": "mysql://owner@db/shop",
    "REDIS_URL": "cache:6379",
    "CLIENT_IP_HEADER": "X-Real-IP:",
    "EMAIL_URL": "smtp+tls://shop@mail:587",
    "DEFAULT_FROM_EMAIL": "the shop",
    "PORT": "65536",
    "WEB_CONCURRENCY": "0",
    "WEB_THREADS": "many",
    "STORE_CURRENCY": "naira",
    "STORE_COUNTRY": "ZZ",
    "TRUSTED_PROXY_DEPTH": "-1",
    "RATE_LIMIT_ENABLED": "perhaps",
    "PAYSTACK_SECRET_KEY": "pk_live_secret",
    "PAYSTACK_OLD_SECRET_KEY": "sk_secret",
    "PAYSTACK_API_URL": "http://localhost:9000/paystack",
    "STRIPE_SECRET_KEY": "pk_test_secret",
    "STRIPE_WEBHOOK_SECRET": "we_secret",
    "STRIPE_OLD_WEBHOOK_SECRET": "secret",
    "STRIPE_API_URL": "https://api.stripe.com.example.com",
    **{f"RATE_LIMIT_{scope.upper()}": "fast" for scope in env.DEFAULT_RATES},
}

# Any text makes sense here, also none.
FREE = {"MDV_STATE_DIR", "MEDIA_ROOT", "STORE_NAME"}

# Nonsense and near misses; where there is a password it is `secret`.
WRONG_ADDRESSES = [
    ("DATABASE_URL", "postgres"),
    ("DATABASE_URL", "postgres://db"),
    ("DATABASE_URL", "postgres://db:port/shop"),
    ("DATABASE_URL", "postgres://shop:se/cret@db/shop"),
    ("DATABASE_URL", "postgres://shop:secret@db/shop?sslmod=require"),
    ("DATABASE_URL", "sqlite:///shop.db"),
    ("REDIS_URL", "redis://"),
    ("REDIS_URL", "redis://cache/one"),
    ("REDIS_URL", "redis://cache:port/0"),
    ("REDIS_URL", "redis://:secret@cache/0?timeout_s=1"),
    ("REDIS_URL", "rediss://:secret@cache/0?ssl_cert_reqs=perhaps"),
    ("REDIS_URL", "unix://"),
    ("REDIS_URL", "https://cache"),
    ("EMAIL_URL", "mail.example.com"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://shop:secret@mail:port"),
    ("EMAIL_URL", "smtp://shop:secret@mail?timeout=long"),
    ("EMAIL_URL", "file:///var/mails"),
    ("STORE_URL", "ftp://shop.example.com"),
    ("STORE_URL", "https://"),
    ("ALLOWED_HOSTS", "shop.example.com/"),
    ("ALLOWED_HOSTS", "shop.example.com:443"),
    ("ALLOWED_HOSTS", ","),
    ("CSRF_TRUSTED_ORIGINS", "https://shop.example.com/admin"),
    ("CORS_ALLOWED_ORIGINS", "https://a.example.com b.example.com"),
    ("DEFAULT_FROM_EMAIL", "shop@example.com\nBcc: all@example.com"),
]
RIGHT_ADDRESSES = [
    ("DATABASE_URL", "postgresql://shop:p%40ss@db:5432/shop?sslmode=require"),
    ("DATABASE_URL", "postgres://shop@%2Frun%2Fpostgres/shop"),
    ("REDIS_URL", "rediss://:secret@cache:6380/1?ssl_cert_reqs=none"),
    ("REDIS_URL", "unix:///run/redis.sock?db=1"),
    ("EMAIL_URL", "console:"),
    ("EMAIL_URL", "submission://shop:secret@mail"),
    ("EMAIL_URL", "smtp://shop:secret@mail:465?ssl=true"),
    ("ALLOWED_HOSTS", ".example.com, 10.0.0.7, [::1]"),
    ("CSRF_TRUSTED_ORIGINS", "https://*.example.com,http://localhost:8000"),
    ("DEFAULT_FROM_EMAIL", "Maison <shop@example.com>"),
]


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


@pytest.mark.parametrize("name", [*PRODUCTION])
def test_what_production_needs_is_missed_by_name(name):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} is not set"):
        env.load({**PRODUCTION, name: " "})


@pytest.mark.parametrize(("name", "value"), WRONG_ADDRESSES)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(name, value):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} must ") as problem:
        env.load({**PRODUCTION, name: value})

    assert "secret" not in str(problem.value)


@pytest.mark.parametrize(("name", "value"), RIGHT_ADDRESSES)
def test_an_address_that_makes_sense_is_taken_as_it_is(name, value):
    found = getattr(env.load({**PRODUCTION, name: value}), name.lower())

    words = [word.strip() for word in value.split(",")]
    assert found == (words if isinstance(found, list) else value)


def test_the_key_of_local_runs_is_refused_in_production():
    with pytest.raises(env.EnvironmentProblem, match=r"^SECRET_KEY must be"):
        env.load({**PRODUCTION, "SECRET_KEY": env.LOCAL_SECRET_KEY})


def test_the_trails_keys_are_taken_the_newest_first_and_never_repeated():
    newest, oldest = "n" * 32, "o" * 32

    assert env.load({**PRODUCTION, "AUDIT_HMAC_KEY": f"{newest}, {oldest}"}).audit_hmac_keys == [
        newest,
        oldest,
    ]
    for wrong in (env.LOCAL_AUDIT_KEY, f"{newest},", f"{newest},secret", f"{newest} {oldest}"):
        with pytest.raises(env.EnvironmentProblem, match=r"^AUDIT_HMAC_KEY must be") as problem:
            env.load({**PRODUCTION, "AUDIT_HMAC_KEY": wrong})
        assert wrong not in str(problem.value)


@pytest.mark.parametrize("name", ["PORT", "DATABASE_URL", "REDIS_URL"])
def test_make_run_refuses_a_wrong_value_before_it_starts_anything(name):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} must "):
        env.local_run({name: "eighty"})


def test_make_run_starts_services_of_its_own_only_when_none_are_given():
    nothing_given = env.local_run({"MDV_STATE_DIR": "/srv/shop"})
    both_given = env.local_run({"DATABASE_URL": "postgres://db/a", "REDIS_URL": "redis://c"})

    assert nothing_given == env.LocalRun(
        state_dir=Path("/srv/shop"),
        port=8000,
        database_url="",
        redis_url="",
        has_gateway_keys=False,
    )
    assert (both_given.database_url, both_given.redis_url) == ("postgres://db/a", "redis://c")


def test_links_in_local_mails_lead_to_the_port_that_the_shop_listens_on():
    local = {
        "MDV_ENV": "local",
        **{name: PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")},
    }

    assert env.load(local).store_url == "http://localhost:8000"
    assert env.load({**local, "PORT": "8731"}).store_url == "http://localhost:8731"


def test_a_command_beside_no_running_shop_says_so(tmp_path):
    with pytest.raises(env.NoShopRuns) as refusal:
        env.load({"MDV_ENV": "local", "MDV_STATE_DIR": str(tmp_path)})

    assert str(refusal.value) == (
        f"No shop is running on {tmp_path}. Start it with make run, or set MDV_STATE_DIR."
    )


def test_beside_a_running_shop_the_addresses_come_from_its_state_folder(tmp_path):
    env.services_file(tmp_path).write_text(
        "DATABASE_URL=postgres:///a?port=1\nREDIS_URL=unix:///r\n"
    )

    shop = env.load({"MDV_ENV": "local", "MDV_STATE_DIR": str(tmp_path)})

    assert (shop.database_url, shop.redis_url) == ("postgres:///a?port=1", "unix:///r")


def test_in_production_the_state_folder_is_not_asked_for_addresses(tmp_path):
    env.services_file(tmp_path).write_text("DATABASE_URL=postgres://a\n")
    given = {**PRODUCTION, "MDV_STATE_DIR": str(tmp_path)}

    with pytest.raises(env.EnvironmentProblem, match=r"^DATABASE_URL is not set"):
        env.load({**given, "DATABASE_URL": ""})


GATEWAY_KEYS = {
    "PAYSTACK_SECRET_KEY": "sk_test_0123456789abcdef",
    "PAYSTACK_OLD_SECRET_KEY": "sk_live_0123456789abcdef",
    "STRIPE_SECRET_KEY": "rk_live_0123456789abcdef",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef",
    "STRIPE_OLD_WEBHOOK_SECRET": "whsec_abc+/=_-",
}


@pytest.mark.parametrize("name", [*GATEWAY_KEYS])
def test_a_wrong_key_of_a_provider_is_named_and_not_repeated(name):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} must look like") as problem:
        env.load({**PRODUCTION, **GATEWAY_KEYS, name: f"secret{GATEWAY_KEYS[name]}"})

    assert "0123" not in str(problem.value)


def test_right_keys_of_providers_are_taken_as_they_are():
    found = env.load({**PRODUCTION, **GATEWAY_KEYS}).gateways

    assert {name: getattr(found, name.lower()) for name in GATEWAY_KEYS} == GATEWAY_KEYS
    assert found.paystack_api_url == "https://api.paystack.co"
    assert found.stripe_api_url == "https://api.stripe.com"


def test_stripes_key_without_the_secret_of_its_webhooks_is_refused():
    given = {**PRODUCTION, **GATEWAY_KEYS, "STRIPE_WEBHOOK_SECRET": ""}

    with pytest.raises(env.EnvironmentProblem, match=r"^STRIPE_WEBHOOK_SECRET is not set"):
        env.load(given)


@pytest.mark.parametrize("name", ["PAYSTACK_API_URL", "STRIPE_API_URL"])
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9000",
        "http://api.paystack.co",
        "http://api.stripe.com",
        "https://api.paystack.co@example.com",
        "https://api.stripe.com:8443",
    ],
)
def test_production_asks_nobody_but_the_provider_itself(name, address):
    with pytest.raises(env.EnvironmentProblem, match=rf"^{name} must be https://api\."):
        env.load({**PRODUCTION, name: address})


@pytest.mark.parametrize("name", ["PAYSTACK_API_URL", "STRIPE_API_URL"])
def test_a_local_shop_may_ask_a_simulator(name, tmp_path):
    local = {**PRODUCTION, "MDV_ENV": "local", "MDV_STATE_DIR": str(tmp_path)}

    found = env.load({**local, name: "http://127.0.0.1:9000/simulated/"}).gateways

    assert getattr(found, name.lower()) == "http://127.0.0.1:9000/simulated"


@pytest.mark.parametrize("name", ["PAYSTACK_SECRET_KEY", "STRIPE_SECRET_KEY"])
def test_make_run_simulates_no_provider_when_a_key_is_given(name):
    secret = {"STRIPE_WEBHOOK_SECRET": GATEWAY_KEYS["STRIPE_WEBHOOK_SECRET"]}

    assert env.local_run({**secret, name: GATEWAY_KEYS[name]}).has_gateway_keys
