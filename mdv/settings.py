"""All settings, in groups. What differs between deployments comes from ``mdv.env``."""

import sys
from datetime import timedelta
from pathlib import Path

import dj_database_url
import dj_email_url
import django_stubs_ext

from mdv import env
from mdv.http.logs import configure_logging
from mdv.settings_api import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 (read from here)

django_stubs_ext.monkeypatch()

try:
    ENV = env.load()
except env.NoShopRuns as problem:
    sys.exit(str(problem))
except env.EnvironmentProblem as problem:
    sys.exit(f"mdv cannot start: {problem}")

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0.dev0"
MDV_LOCAL = ENV.is_local
STATE_DIR = ENV.state_dir

# --- The site ------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = ENV.secret_key
AUDIT_HMAC_KEYS = ENV.audit_hmac_keys
ALLOWED_HOSTS = ENV.allowed_hosts
ROOT_URLCONF = "mdv.urls"
WSGI_APPLICATION = "mdv.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = "mdv.admin.formats"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "mdv.ops",
    "mdv.http",
    "refunds",
    "shop.payments",
    "shop.fulfilment",
    "shop.orders",
    "shop.carts",
    "shop.pricing",
    "shop.stock",
    "shop.catalog",
    "mdv.accounts",
    "mdv.limits",
    "audit",
    "mdv.events",
    "mdv.mail",
    "mdv.jobs",
    "mdv.sequence",
    "mdv.idempotency",
    "mdv.store",
    "mdv.admin",
    "mdv.backoffice",
    "unfold.apps.BasicAppConfig",
    "mdv.backoffice.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "corsheaders",
    "csp",
    "knox",
    "auditlog",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "mdv.http.middleware.HeadMiddleware",
    "mdv.http.middleware.RequestMiddleware",
    "mdv.http.middleware.HealthHostMiddleware",
    "mdv.http.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "mdv.http.bodies.BodiesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "audit.middleware.AuditMiddleware",
    "mdv.limits.middleware.LimitsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- The store -----------------------------------------------------------------------------
STORE_NAME = ENV.store_name
STORE_CURRENCY = ENV.store_currency
STORE_COUNTRY = ENV.store_country
STORE_URL = ENV.store_url

# --- Payment providers ---------------------------------------------------------------------
# One without keys is not offered. The addresses differ from the providers' own only for
# simulators, and production refuses that.
PAYSTACK_SECRET_KEY = ENV.gateways.paystack_secret_key
PAYSTACK_OLD_SECRET_KEY = ENV.gateways.paystack_old_secret_key
PAYSTACK_API_URL = ENV.gateways.paystack_api_url
STRIPE_SECRET_KEY = ENV.gateways.stripe_secret_key
STRIPE_WEBHOOK_SECRET = ENV.gateways.stripe_webhook_secret
STRIPE_OLD_WEBHOOK_SECRET = ENV.gateways.stripe_old_webhook_secret
STRIPE_API_URL = ENV.gateways.stripe_api_url

# --- PostgreSQL ----------------------------------------------------------------------------
# A query that waits longer than this is given up: the client gets 503 and may try again.
LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
# A network that swallows everything is noticed after so long: else a thread waits for ever.
NETWORK_TIMEOUT_MS = 10_000
KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
database = dj_database_url.parse(ENV.database_url, conn_max_age=60, conn_health_checks=True)
DATABASES = {
    "default": {
        **database,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            "connect_timeout": 2,
            "tcp_user_timeout": NETWORK_TIMEOUT_MS,
            **KEEPALIVES,
            **database.get("OPTIONS", {}),
            "options": (
                f"{database.get('OPTIONS', {}).get('options', '')} "
                f"-c lock_timeout={LOCK_TIMEOUT_MS} "
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
                f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS}"
            ),
        },
    }
}
# Whom `migrate` connects as: the owner of the tables. Empty: as everybody else.
MIGRATE_DATABASE = (
    dj_database_url.parse(ENV.migrate_database_url) if ENV.migrate_database_url else {}
)

# --- Calls to payment providers --------------------------------------------------------------
# A whole call, from the connection to the last byte, and how many one request may make in turn.
OUTSIDE_CALL_S = 12
OUTSIDE_CALLS_IN_A_REQUEST = 2

# --- Redis ---------------------------------------------------------------------------------
REDIS_TIMEOUT_S = 0.1
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": ENV.redis_url,
        "KEY_PREFIX": "mdv",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_S,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_S,
        },
    }
}

# --- Who is calling ------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["mdv.accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = ["mdv.accounts.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "mdv.accounts.passwords.LengthByRole"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 (a model)
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer"}
STAFF_TOKEN_LIFETIME = timedelta(hours=12)
CUSTOMER_TOKEN_LIFETIME = timedelta(days=30)
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "mdv.http.problems.csrf_failure"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- Proxies, limits -----------------------------------------------------------------------
TRUSTED_PROXY_DEPTH = ENV.trusted_proxy_depth
CLIENT_IP_HEADER = ENV.client_ip_header
RATELIMIT_ENABLE = ENV.rate_limit_enabled
RATE_LIMITS = ENV.rates

# --- What goes over the wire ---------------------------------------------------------------
CSRF_TRUSTED_ORIGINS = ENV.csrf_trusted_origins
CORS_ALLOWED_ORIGINS = ENV.cors_allowed_origins
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-order-token",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "etag",
    "idempotent-replayed",
    "location",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not MDV_LOCAL
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)"]
if TRUSTED_PROXY_DEPTH or CLIENT_IP_HEADER:
    # Without a proxy of ours it is the client's to write.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = not MDV_LOCAL
CSRF_COOKIE_SECURE = not MDV_LOCAL
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
WEBHOOK_MAX_BYTES = 256 * 1024

# --- Static and uploaded files -------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
if MDV_LOCAL:
    # Files are served from where they lie; WhiteNoise warns about a folder that is not there.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = MDV_LOCAL
MEDIA_URL = "/media/"
MEDIA_ROOT = ENV.media_root
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MDV_LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Mail, jobs ----------------------------------------------------------------------------
vars().update(dj_email_url.parse(ENV.email_url))
DEFAULT_FROM_EMAIL = ENV.default_from_email
EMAIL_TIMEOUT = 10  # seconds
# How many jobs one worker runs side by side: a slow mail server holds up one of them.
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 4}

# --- Webhooks ------------------------------------------------------------------------------
# Whether a webhook may go to this very machine: to try one out, never in production.
WEBHOOKS_MAY_STAY_HERE = MDV_LOCAL

# --- Audit ---------------------------------------------------------------------------------
AUDITLOG_LOGENTRY_MODEL = "audit.AuditEntry"

# --- The back office -----------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": STORE_NAME,
    "SITE_HEADER": STORE_NAME,
    "SITE_URL": "/",
    "SITE_SYMBOL": "storefront",
    "STYLES": ["/static/mdv/backoffice.css"],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
    "SITE_FAVICONS": [{"rel": "icon", "href": "/static/mdv/icon.svg", "type": "image/svg+xml"}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "navigation": "mdv.backoffice.navigation.navigation",
        "show_search": True,
        "command_search": True,
    },
}

# --- Logs ----------------------------------------------------------------------------------
LOGGING_CONFIG = None
configure_logging()
