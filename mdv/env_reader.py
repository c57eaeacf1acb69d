"""Reading single variables of the environment, and telling nonsense from sense."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict

RATE = re.compile(r"[1-9]\d*/[smhd]")
# A name, a domain with all that is under it, an IPv6 address, or any.
HOST = re.compile(r"\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]|\*")
ORIGIN = re.compile(r"https?://[\w.*:\[\]-]+")


class EnvironmentProblem(Exception):
    """A variable is missing or wrong. The text names it and says what is expected."""


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

    def words(
        self, name: str, default: str | None = None, *, each: re.Pattern[str], such_as: str
    ) -> list[str]:
        words = [word.strip() for word in self.text(name, default).split(",") if word.strip()]
        for word in words:
            if not each.fullmatch(word):
                raise EnvironmentProblem(f"{name} must look like {such_as}, not {word!r}.")
        if default is None and not words:
            raise EnvironmentProblem(f"{name} must look like {such_as}.")
        return words

    def url(
        self, name: str, default: str | None, *, is_right: Callable[[str], bool], such_as: str
    ) -> str:
        """Return an address. A wrong one is not repeated: it may hold a password."""
        value = self.text(name, default)
        if value and not is_right(value):
            raise EnvironmentProblem(f"{name} must look like {such_as}.")
        return value

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

    def secret(self, name: str, pattern: str, *, such_as: str) -> str:
        """Return a key, or nothing when none is given. A wrong one is not repeated."""
        value = self.text(name, "")
        if value and not re.fullmatch(pattern, value):
            raise EnvironmentProblem(f"{name} must look like {such_as}.")
        return value


def is_database(url: str) -> bool:
    """Tell whether an address names a database of PostgreSQL, with options that there are."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"postgres", "postgresql"}:
        return False
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return False
    return len(parts.path) > len("/")


def is_redis(url: str) -> bool:
    """Tell whether an address is a Redis: over the network, with TLS, or a socket."""
    parts = _parts(url)
    if parts is None:
        return False
    try:
        redis.ConnectionPool.from_url(url).make_connection()  # it does not connect yet
    except (ValueError, TypeError, redis.RedisError):
        return False
    if parts.scheme == "unix":
        return len(parts.path) > len("/")
    return bool(parts.hostname) and re.fullmatch(r"/?\d*", parts.path) is not None


def is_mail_server(url: str) -> bool:
    """Tell whether an address is a mail server (``submission`` is with STARTTLS) or the console."""
    parts = _parts(url)
    if parts is None or url.rstrip("/") == "console:":
        return parts is not None
    is_server = parts.scheme in {"smtp", "submission"} and bool(parts.hostname)
    return is_server and not parse_qs(parts.query).keys() - {"ssl", "tls"}


def is_page(url: str) -> bool:
    """Tell whether an address can be opened in a browser."""
    parts = _parts(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises when it is no port)
    except ValueError:
        return None
    return None if re.search(r"\s", url) else parts
