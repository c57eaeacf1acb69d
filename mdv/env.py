"""The environment, read once and typed. Nothing else in the project reads ``os.environ``.

Every variable is listed in ``.env.example`` with its meaning. A value that is missing or makes no
sense stops the start with one line that names the variable.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOCAL_SECRET_KEY = "local-only-secret-key-never-used-in-production-0123456789"  # noqa: S105
LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"
MIN_SECRET_KEY_LENGTH = 50
RATE = re.compile(r"^[1-9]\d*/[smhd]$")

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
}


class EnvironmentProblem(Exception):
    """A variable is missing or wrong. The text names it and says what is expected."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    is_local: bool
    secret_key: str
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    cors_allowed_origins: list[str]
    database_url: str
    database_direct_url: str
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


class Reader:
    """Reads one variable after the other and names the one that is wrong."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def text(self, name: str, default: str | None = None) -> str:
        value = self.variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise EnvironmentProblem(f"{name} is not set. See .env.example.")
        return default

    def words(self, name: str, default: str | None = None) -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def integer(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value) or not at_least <= int(value) <= at_most:
            raise EnvironmentProblem(
                f"{name} must be a whole number from {at_least} to {at_most}, not {value!r}."
            )
        return int(value)

    def yes(self, name: str, *, default: bool) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value not in {"true", "false"}:
            raise EnvironmentProblem(f"{name} must be true or false, not {value!r}.")
        return value == "true"

    def rate(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not RATE.fullmatch(value):
            raise EnvironmentProblem(f"{name} must look like 60/m (s, m, h or d), not {value!r}.")
        return value

    def matching(self, name: str, default: str, pattern: str, expected: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(pattern, value):
            raise EnvironmentProblem(f"{name} must be {expected}, not {value!r}.")
        return value


def load(variables: Mapping[str, str] | None = None) -> Environment:
    """Read every variable and check it.

    Raises:
        EnvironmentProblem: a variable is missing or wrong.
    """
    given = os.environ if variables is None else variables
    mode = Reader(given).text("MDV_ENV", "production")
    if mode not in {"production", "local"}:
        raise EnvironmentProblem(f"MDV_ENV must be production or local, not {mode!r}.")
    is_local = mode == "local"
    state_dir = Path(Reader(given).text("MDV_STATE_DIR", ".run")).absolute()
    read = Reader({**read_services(state_dir), **given} if is_local else given)
    database_url = read.text("DATABASE_URL")
    return Environment(
        is_local=is_local,
        secret_key=_secret_key(read, is_local=is_local),
        allowed_hosts=read.words(
            "ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if is_local else None
        ),
        csrf_trusted_origins=read.words("CSRF_TRUSTED_ORIGINS", "" if is_local else None),
        cors_allowed_origins=read.words("CORS_ALLOWED_ORIGINS", ""),
        database_url=database_url,
        database_direct_url=read.text("DATABASE_DIRECT_URL", database_url),
        migrate_database_url=read.text("MIGRATE_DATABASE_URL", database_url),
        redis_url=read.text("REDIS_URL"),
        state_dir=state_dir,
        media_root=Path(read.text("MEDIA_ROOT", str(state_dir / "media"))).absolute(),
        port=read.integer("PORT", 8000, at_least=1, at_most=65535),
        web_concurrency=read.integer("WEB_CONCURRENCY", 2, at_least=1, at_most=64),
        web_threads=read.integer("WEB_THREADS", 4, at_least=1, at_most=64),
        store_name=read.text("STORE_NAME", "Maison"),
        store_currency=read.matching("STORE_CURRENCY", "NGN", "[A-Z]{3}", "an ISO 4217 code"),
        store_country=read.matching("STORE_COUNTRY", "NG", "[A-Z]{2}", "an ISO 3166 code"),
        store_url=read.text("STORE_URL", "http://localhost:8000" if is_local else None),
        trusted_proxy_depth=read.integer("TRUSTED_PROXY_DEPTH", 0, at_least=0, at_most=9),
        client_ip_header=read.text("CLIENT_IP_HEADER", ""),
        rate_limit_enabled=read.yes("RATE_LIMIT_ENABLED", default=True),
        rates={
            scope: read.rate(f"RATE_LIMIT_{scope.upper()}", rate)
            for scope, rate in DEFAULT_RATES.items()
        },
        email_url=read.text("EMAIL_URL", "console:"),
        default_from_email=read.text("DEFAULT_FROM_EMAIL", "shop@localhost"),
    )


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


def _secret_key(read: Reader, *, is_local: bool) -> str:
    key = read.text("SECRET_KEY", LOCAL_SECRET_KEY if is_local else None)
    if not is_local and (len(key) < MIN_SECRET_KEY_LENGTH or key == LOCAL_SECRET_KEY):
        raise EnvironmentProblem(
            f"SECRET_KEY must be at least {MIN_SECRET_KEY_LENGTH} characters of your own."
        )
    return key


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """What `python -m mdv.ops.local` needs to know before there is a database."""

    state_dir: Path
    port: int
    database_url: str
    redis_url: str


def local_run(variables: Mapping[str, str] | None = None) -> LocalRun:
    """Read where to keep the shop's state, where to listen, and which services are given.

    An empty address means: start that service yourself.

    Raises:
        EnvironmentProblem: a variable makes no sense.
    """
    read = Reader(os.environ if variables is None else variables)
    return LocalRun(
        state_dir=Path(read.text("MDV_STATE_DIR", ".run")).absolute(),
        port=read.integer("PORT", 8000, at_least=1, at_most=65535),
        database_url=read.text("DATABASE_URL", ""),
        redis_url=read.text("REDIS_URL", ""),
    )


def with_own_environment(**changes: str) -> dict[str, str]:
    """Return a copy of this process's environment with the changes, for a child process."""
    return {**os.environ, **changes}
