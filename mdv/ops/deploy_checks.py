"""What is unsafe in production, each with an id and a sentence that says what to do.

Run by mdv/wsgi.py at every start, which errors stop, and by `manage.py check --deploy`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

REDIS = "django_redis.cache.RedisCache"
JSON = "django_redis.serializers.json.JSONSerializer"
SESSIONS = "django.contrib.sessions.backends.db"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
TEST_KEY = re.compile(r"[sr]k_test_")


def _cache() -> dict[str, Any]:
    caches: dict[str, Any] = settings.CACHES
    return dict(caches["default"])


def _sends_password_in_clear() -> bool:
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    return bool(settings.EMAIL_HOST_PASSWORD) and not is_encrypted


def _takes_pretended_money() -> bool:
    keys = (settings.PAYSTACK_SECRET_KEY, settings.STRIPE_SECRET_KEY)
    return any(TEST_KEY.match(key) for key in keys)


ERRORS: list[tuple[str, Callable[[], bool], str]] = [
    (
        "mdv.E001",
        lambda: _cache()["BACKEND"] != REDIS,
        "The cache is not Redis: each process would count limits for itself.",
    ),
    (
        "mdv.E002",
        lambda: _cache().get("OPTIONS", {}).get("SERIALIZER") != JSON,
        "The cache is not JSON: whoever can write to Redis could run code here.",
    ),
    (
        "mdv.E003",
        lambda: settings.SESSION_ENGINE != SESSIONS,
        "Sessions are not in PostgreSQL: losing Redis would log everybody out.",
    ),
    (
        "mdv.E004",
        lambda: bool(settings.DEBUG),
        "DEBUG is on: it shows settings and code to strangers.",
    ),
    (
        "mdv.E005",
        lambda: not getattr(staticfiles_storage, "hashed_files", None),
        "The static files are not there: run manage.py collectstatic before the start.",
    ),
    (
        "mdv.E006",
        lambda: "*" in settings.ALLOWED_HOSTS,
        "ALLOWED_HOSTS is *: name the hosts of the shop.",
    ),
    (
        "mdv.E007",
        lambda: not settings.STORE_URL.startswith("https://"),
        "STORE_URL is not https: links to new passwords lead there.",
    ),
    (
        "mdv.E008",
        _sends_password_in_clear,
        "EMAIL_URL sends its password in clear: use submission://, or ?ssl=true.",
    ),
]
WARNINGS: list[tuple[str, Callable[[], bool], str]] = [
    (
        "mdv.W001",
        lambda: settings.EMAIL_BACKEND == CONSOLE,
        "EMAIL_URL is console: nobody gets mail, and links to new passwords are in the log.",
    ),
    (
        "mdv.W002",
        lambda: settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"),
        "DEFAULT_FROM_EMAIL is at localhost: mail servers refuse it.",
    ),
    (
        "mdv.W003",
        lambda: not settings.RATELIMIT_ENABLE,
        "RATE_LIMIT_ENABLED is false: passwords can be guessed at any rate.",
    ),
    (
        "mdv.W004",
        _takes_pretended_money,
        "PAYSTACK_SECRET_KEY or STRIPE_SECRET_KEY is a test key: orders are paid with no money.",
    ),
    (
        "mdv.W005",
        lambda: not settings.TRUSTED_PROXY_DEPTH and not settings.CLIENT_IP_HEADER,
        "TRUSTED_PROXY_DEPTH is 0 and CLIENT_IP_HEADER empty: all are sent to HTTPS again.",
    ),
]


@register(Tags.security, deploy=True)
def check_safety(**kwargs: Any) -> list[CheckMessage]:
    """Tell what is unsafe in production. Locally nothing is."""
    return [] if settings.MDV_LOCAL else list(_found())


def _found() -> Iterator[CheckMessage]:
    for number, is_unsafe, sentence in ERRORS:
        if is_unsafe():
            yield Error(sentence, id=number)
    for number, is_unsafe, sentence in WARNINGS:
        if is_unsafe():
            yield Warning(sentence, id=number)
