"""The environment, read once and typed. Nothing else in the project reads ``os.environ``.

Every variable is listed in ``.env.example`` with its meaning. A value that is missing or makes no
sense stops the start with one line that names the variable.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mdv.env_gateways import GatewayKeys, read_gateway_keys
from mdv.env_reader import (
    HOST,
    ORIGIN,
    EnvironmentProblem,
    Reader,
    is_database,
    is_mail_server,
    is_page,
    is_redis,
)
from mdv.kernel.countries import COUNTRIES

__all__ = ["Environment", "EnvironmentProblem", "LocalRun", "NoShopRuns", "load", "local_run"]

LOCAL_SECRET_KEY = "local-only-secret-key-never-used-in-production-0123456789"  # noqa: S105
LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"
MIN_SECRET_KEY_LENGTH = 50
LOCAL_AUDIT_KEY = "local-only-audit-key-never-used-in-production"
AUDIT_KEY = r"[^\s,]{32,}"
MAIL_ADDRESS = r"[^@\n]*[^@\s<]@[^@\s<>]+>?"

# Scope → hits per window, as `60/m`. Overridden one by one as RATE_LIMIT_<SCOPE>.
DEFAULT_RATES = {
    "login": "5/m",
    "login_account": "20/h",
    "register": "3/m",
    "password_reset": "3/m",
    "api": "60/m",
    "api_write": "30/m",
    "catalogue": "200/m",
    "search": "30/m",
    "order": "10/m",
    "staff": "30/m",
    "refund": "10/m",
    "books": "6/h",
}


class NoShopRuns(EnvironmentProblem):
    """A command was meant for the shop that runs here, and none does."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    is_local: bool
    secret_key: str
    audit_hmac_keys: list[str]
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    cors_allowed_origins: list[str]
    database_url: str
    migrate_database_url: str
    redis_url: str
    state_dir: Path
    media_root: Path
    port: int
    web_concurrency: int
    web_threads: int
    store_name: str
    store_currency: str
    store_country: str
    store_url: str
    trusted_proxy_depth: int
    client_ip_header: str
    rate_limit_enabled: bool
    rates: dict[str, str]
    email_url: str
    default_from_email: str
    gateways: GatewayKeys


def load(variables: Mapping[str, str] | None = None) -> Environment:
    """Read every variable and check it.

    Raises:
        NoShopRuns: locally, when neither `make run` nor the variables name any services.
        EnvironmentProblem: a variable is missing or wrong.
    """
    given = os.environ if variables is None else variables
    mode = Reader(given).text("MDV_ENV", "production")
    if mode not in {"production", "local"}:
        raise EnvironmentProblem(f"MDV_ENV must be production or local, not {mode!r}.")
    is_local = mode == "local"
    state_dir = Path(Reader(given).text("MDV_STATE_DIR", ".run")).absolute()
    read = Reader({**read_services(state_dir), **given} if is_local else given)
    if is_local and not {"DATABASE_URL", "REDIS_URL"} & read.variables.keys():
        raise NoShopRuns(
            f"No shop is running on {state_dir}. Start it with make run, or set MDV_STATE_DIR."
        )
    port = _port(read)
    return Environment(
        is_local=is_local,
        secret_key=_secret_key(read, is_local=is_local),
        audit_hmac_keys=_audit_keys(read, is_local=is_local),
        allowed_hosts=read.words(
            "ALLOWED_HOSTS",
            LOCAL_HOSTS if is_local else None,
            each=HOST,
            such_as="shop.example.com",
        ),
        csrf_trusted_origins=_origins(read, "CSRF_TRUSTED_ORIGINS", "" if is_local else None),
        cors_allowed_origins=_origins(read, "CORS_ALLOWED_ORIGINS", ""),
        database_url=_database_url(read, None),
        migrate_database_url=_database_url(read, "", name="MIGRATE_DATABASE_URL"),
        redis_url=_redis_url(read, None),
        state_dir=state_dir,
        media_root=Path(read.text("MEDIA_ROOT", str(state_dir / "media"))).absolute(),
        port=port,
        web_concurrency=read.integer("WEB_CONCURRENCY", 2, at_least=1, at_most=64),
        web_threads=read.integer("WEB_THREADS", 4, at_least=1, at_most=64),
        store_name=read.text("STORE_NAME", "Maison"),
        store_currency=read.matching("STORE_CURRENCY", "NGN", "[A-Z]{3}", "an ISO 4217 code"),
        store_country=read.matching(
            "STORE_COUNTRY", "NG", "|".join(sorted(COUNTRIES)), "an ISO 3166 code"
        ),
        store_url=read.url(
            "STORE_URL",
            f"http://localhost:{port}" if is_local else None,
            is_right=is_page,
            such_as="https://shop.example.com",
        ),
        trusted_proxy_depth=read.integer("TRUSTED_PROXY_DEPTH", 0, at_least=0, at_most=9),
        client_ip_header=read.matching(
            "CLIENT_IP_HEADER", "", r"[A-Za-z0-9-]*", "a header such as X-Real-IP"
        ),
        rate_limit_enabled=read.yes("RATE_LIMIT_ENABLED", default=True),
        rates={
            scope: read.rate(f"RATE_LIMIT_{scope.upper()}", rate)
            for scope, rate in DEFAULT_RATES.items()
        },
        email_url=read.url(
            "EMAIL_URL",
            "console:",
            is_right=is_mail_server,
            such_as="submission://user:password@host:587, or console:",
        ),
        default_from_email=read.matching(
            "DEFAULT_FROM_EMAIL", "shop@localhost", MAIL_ADDRESS, "an address"
        ),
        gateways=read_gateway_keys(read, is_local=is_local),
    )


def _port(read: Reader) -> int:
    return read.integer("PORT", 8000, at_least=1, at_most=65535)


def services_file(state_dir: Path) -> Path:
    """Where `make run` writes the addresses of the services that it started."""
    return state_dir / "services.env"


def read_services(state_dir: Path) -> dict[str, str]:
    """Read the addresses that `make run` left, so that `manage.py` works beside it."""
    path = services_file(state_dir)
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _database_url(read: Reader, default: str | None, *, name: str = "DATABASE_URL") -> str:
    such_as = "postgres://user:password@host:5432/name"
    return read.url(name, default, is_right=is_database, such_as=such_as)


def _redis_url(read: Reader, default: str | None) -> str:
    such_as = "redis://:password@host:6379/0"
    return read.url("REDIS_URL", default, is_right=is_redis, such_as=such_as)


def _origins(read: Reader, name: str, default: str | None) -> list[str]:
    return read.words(name, default, each=ORIGIN, such_as="https://shop.example.com")


def _secret_key(read: Reader, *, is_local: bool) -> str:
    key = read.text("SECRET_KEY", LOCAL_SECRET_KEY if is_local else None)
    if not is_local and (len(key) < MIN_SECRET_KEY_LENGTH or key == LOCAL_SECRET_KEY):
        raise EnvironmentProblem(
            f"SECRET_KEY must be at least {MIN_SECRET_KEY_LENGTH} characters of your own."
        )
    return key


def _audit_keys(read: Reader, *, is_local: bool) -> list[str]:
    """Return the keys of the trail's seals, the newest first. They are never repeated."""
    text = read.text("AUDIT_HMAC_KEY", LOCAL_AUDIT_KEY if is_local else None)
    keys = [key.strip() for key in text.split(",")]
    is_known = LOCAL_AUDIT_KEY in keys and not is_local
    if is_known or not all(re.fullmatch(AUDIT_KEY, key) for key in keys):
        raise EnvironmentProblem(
            "AUDIT_HMAC_KEY must be 32 or more characters of your own; several with commas."
        )
    return keys


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """What `python -m mdv.ops.local` needs to know before there is a database."""

    state_dir: Path
    port: int
    database_url: str
    redis_url: str
    has_gateway_keys: bool


def local_run(variables: Mapping[str, str] | None = None) -> LocalRun:
    """Read where to keep the shop's state, where to listen, and which services are given.

    An empty address means: start that service yourself. Without keys of payment providers theirs
    are simulated.

    Raises:
        EnvironmentProblem: a variable makes no sense.
    """
    read = Reader(os.environ if variables is None else variables)
    return LocalRun(
        state_dir=Path(read.text("MDV_STATE_DIR", ".run")).absolute(),
        port=_port(read),
        database_url=_database_url(read, ""),
        redis_url=_redis_url(read, ""),
        has_gateway_keys=read_gateway_keys(read, is_local=True).any_given,
    )


def with_own_environment(**changes: str) -> dict[str, str]:
    """Return a copy of this process's environment with the changes, for a child process."""
    return {**os.environ, **changes}


# What a program needs of the machine, and nothing of the shop that the machine also runs.
OF_THE_MACHINE = ("HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV")
KINDS_OF_THE_MACHINE = ("LC_", "LD_", "PG", "PYTHON", "SSL_")


def with_bare_environment(**changes: str) -> dict[str, str]:
    """Return the changes and what every program needs: an environment for another shop."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if name in OF_THE_MACHINE or name.startswith(KINDS_OF_THE_MACHINE)
    }
    return {**bare, **changes}
