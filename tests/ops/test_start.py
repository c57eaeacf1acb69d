"""The start: what is unsafe in production stops it, in words; what is safe is served over TLS."""

import ast
import re
import signal
import time

import pytest
from django.core.checks import ERROR, WARNING
from django.test import override_settings

from mdv import env
from mdv.ops.deploy_checks import check_safety
from tests.migrated import TEMPLATE
from tests.ops.databases import database, manage, python
from tests.ops.production import (
    GUNICORN,
    HOST,
    ProductionShop,
    collect_static,
    variables,
)
from tests.ops.shops import free_port

CANNOT_START = 3  # gunicorn gives up at this, and at nothing else
PASSWORD = "violet-otter-93"
SIGNAL_GOES_ON_S = 0.5  # from gunicorn's first process to its workers

SAFE = {
    "TRUSTED_PROXY_DEPTH": 1,
    "MDV_LOCAL": False,
    "STORE_URL": "https://shop.example.com",
    "ALLOWED_HOSTS": [HOST],
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST_PASSWORD": "secret",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "DEFAULT_FROM_EMAIL": "Maison <shop@example.com>",
}
UNSAFE = {
    "mdv.E001": {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}},
    "mdv.E002": {
        "CACHES": {
            "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://cache"}
        }
    },
    "mdv.E003": {"SESSION_ENGINE": "django.contrib.sessions.backends.cache"},
    "mdv.E004": {"DEBUG": True},
    "mdv.E006": {"ALLOWED_HOSTS": [HOST, "*"]},
    "mdv.E007": {"STORE_URL": "http://shop.example.com"},
    "mdv.E008": {"EMAIL_USE_TLS": False},
    "mdv.W001": {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"},
    "mdv.W002": {"DEFAULT_FROM_EMAIL": "shop@localhost"},
    "mdv.W003": {"RATELIMIT_ENABLE": False},
    "mdv.W004": {"STRIPE_SECRET_KEY": "rk_test_0123456789"},
    "mdv.W005": {"TRUSTED_PROXY_DEPTH": 0},
}


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    """A state folder in which the static files were collected."""
    folder = tmp_path_factory.mktemp("production")
    collect_static(folder)
    return folder


@pytest.fixture(scope="module")
def shop(static):
    with database("started", template=TEMPLATE) as url:
        shop = ProductionShop(static, DATABASE_URL=url)
        try:
            shop.wait_until_open()
            shop.manage(
                "create_staff", "--email=eve@example.com", "--role=admin", typed=f"{PASSWORD}\n"
            )
            yield shop
        finally:
            shop.end()


def ids_found(level):
    return {message.id for message in check_safety() if message.level == level}


class TestWhatIsUnsafe:
    @pytest.mark.parametrize(("number", "changes"), UNSAFE.items())
    def test_each_is_named_and_does_not_hide_in_what_is_safe(self, number, changes):
        level = ERROR if ".E" in number else WARNING
        with override_settings(**SAFE):
            assert number not in ids_found(level)
        with override_settings(**{**SAFE, **changes}):
            assert number in ids_found(level)

    def test_locally_nothing_is(self):
        with override_settings(DEBUG=True, ALLOWED_HOSTS=["*"]):
            assert check_safety() == []

    def test_every_finding_is_a_sentence_with_an_id_of_its_own(self):
        with override_settings(**{**SAFE, **UNSAFE["mdv.E001"], "DEBUG": True}):
            found = check_safety()

        assert len({message.id for message in found}) == len(found) >= 3
        assert all(re.fullmatch(r"[A-Z].+[^.]\.", message.msg) for message in found)


@pytest.mark.slow
class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("SECRET_KEY", "short", "SECRET_KEY must be at least 50 characters of your own."),
            ("SECRET_KEY", env.LOCAL_SECRET_KEY, "SECRET_KEY must be"),
            ("AUDIT_HMAC_KEY", "", "AUDIT_HMAC_KEY is not set. See .env.example."),
            ("AUDIT_HMAC_KEY", env.LOCAL_AUDIT_KEY, "AUDIT_HMAC_KEY must be 32 or more"),
            ("DATABASE_URL", "", "DATABASE_URL is not set. See .env.example."),
            ("REDIS_URL", "cache:6379", "REDIS_URL must look like redis://"),
            (
                "PAYSTACK_API_URL",
                "http://127.0.0.1:9000/paystack",
                "PAYSTACK_API_URL must be https://api.paystack.co in production",
            ),
            (
                "STRIPE_API_URL",
                "http://127.0.0.1:9000/stripe",
                "STRIPE_API_URL must be https://api.stripe.com in production",
            ),
        ],
    )
    def test_a_wrong_variable_is_one_line_for_the_command_and_for_gunicorn(
        self, tmp_path, name, value, said
    ):
        given = variables(tmp_path, PORT=str(free_port())) | {name: value}

        for ended in (python("manage.py", "check", **given), python(*GUNICORN[1:], **given)):
            assert ended.returncode == 1
            assert ended.stderr.startswith(f"mdv cannot start: {said}")
            assert ended.stderr.count("\n") == 1
            assert ended.stdout == ""

    def test_static_files_that_were_not_collected_are_missed(self, tmp_path):
        started = python("-c", "import mdv.wsgi", **variables(tmp_path))

        assert started.returncode == CANNOT_START
        assert started.stderr == (
            "mdv cannot start: mdv.E005 The static files are not there: run manage.py "
            "collectstatic before the start.\n"
        )

    def test_gunicorn_gives_up_instead_of_trying_for_ever(self, static, tmp_path):
        (tmp_path / "unsafe.py").write_text("from mdv.settings import *\nDEBUG = True\n")
        given = variables(static, PORT=str(free_port()), PYTHONPATH=str(tmp_path))

        ended = python(*GUNICORN[1:], **given, DJANGO_SETTINGS_MODULE="unsafe")

        said = "mdv cannot start: mdv.E004 DEBUG is on: it shows settings and code to strangers."
        assert ended.returncode == CANNOT_START
        assert said in ended.stderr.splitlines()
        assert "Traceback" not in ended.stderr

    def test_checks_of_django_itself_stop_the_start_too(self, static, tmp_path):
        (tmp_path / "unsafe.py").write_text("from mdv.settings import *\nTEMPLATES = []\n")
        given = variables(static, PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="unsafe")

        started = python("-c", "import mdv.wsgi", **given)

        assert started.returncode == CANNOT_START
        assert started.stderr.startswith("mdv cannot start: admin.E403 ")

    def test_the_deployment_checks_find_nothing_in_what_production_is_given(self, static):
        given = variables(static, PYTHONWARNINGS="error")

        checked = manage("check", "--deploy", "--fail-level", "WARNING", **given)

        assert (checked.returncode, checked.stderr) == (0, "")


SHOW_OPTIONS = """
from django.conf import settings
print(settings.DATABASES["default"]["OPTIONS"])
"""


@pytest.mark.slow
def test_options_in_the_databases_address_are_kept_beside_ours(tmp_path):
    url = "postgres://shop@db/shop?sslmode=require&options=-c%20search_path%3Dshop"
    given = variables(tmp_path, DATABASE_URL=url, DJANGO_SETTINGS_MODULE="mdv.settings")

    options = ast.literal_eval(python("-c", SHOW_OPTIONS, **given).stdout)

    assert options["sslmode"] == "require"
    assert options["connect_timeout"] == 2
    assert options["options"].split(" -c ")[:2] == ["-c search_path=shop", "lock_timeout=2000"]


def assert_is_secured(response):
    headers = response.headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def form_of(page):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]


@pytest.mark.slow
class TestProduction:
    def test_it_starts_without_a_warning(self, shop):
        at_start, _, _ = shop.said.partition('"event":"request"')
        assert "Warning" not in at_start
        assert '"level":"warning"' not in at_start

    def test_what_comes_over_http_is_sent_to_https_but_health_is_answered(self, shop):
        plain = {"X-Forwarded-Proto": ""}

        sent = shop.ask("GET", "/admin/", **plain)
        for path in ("/health", "/health/live", "/health/ready"):
            assert shop.ask("GET", path, **plain, Host="10.0.0.7").status_code == 200

        assert (sent.status_code, sent.headers["Location"]) == (301, f"https://{HOST}/admin/")

    def test_another_host_is_refused(self, shop):
        assert shop.ask("GET", "/", Host="evil.example.com").status_code == 400

    def test_static_files_come_by_their_hashed_names_packed_and_for_ever(self, shop):
        page = shop.ask("GET", "/")
        sheet = re.search(r'href="(/static/mdv/landing\.[0-9a-f]{12}\.css)"', page.text)[1]

        found = shop.ask("GET", sheet, **{"Accept-Encoding": "gzip"})

        assert (found.status_code, found.headers["Content-Encoding"]) == (200, "gzip")
        assert "immutable" in found.headers["Cache-Control"]
        assert_is_secured(found)

    def test_every_file_that_the_log_in_page_names_is_there(self, shop):
        page = shop.ask("GET", "/admin/login/")
        names = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))

        assert len(names) > 3
        assert {shop.ask("GET", name).status_code for name in names} == {200}

    def test_staff_log_in_to_the_back_office_through_the_proxy(self, shop):
        page = shop.ask("GET", "/admin/login/")
        cookie = page.headers["Set-Cookie"]
        form = f"csrfmiddlewaretoken={form_of(page)}&username=eve%40example.com&password={PASSWORD}"
        sending = {
            "Cookie": cookie.partition(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://{HOST}",
            "Referer": f"https://{HOST}/admin/login/",
        }

        logged_in = shop.ask("POST", "/admin/login/?next=/admin/", form, **sending)
        elsewhere = {**sending, "Origin": "https://evil.example.com"}
        forged = shop.ask("POST", "/admin/login/?next=/admin/", form, **elsewhere)

        assert "Secure" in cookie
        assert_is_secured(page)
        assert (logged_in.status_code, logged_in.headers["Location"]) == (302, "/admin/")
        sessions = [c for c in logged_in.headers.get_list("Set-Cookie") if "sessionid" in c]
        assert all(word in sessions[0] for word in ("Secure", "HttpOnly", "SameSite=Lax"))
        assert forged.status_code == 403
        home = shop.ask("GET", "/admin/", Cookie=sessions[0].partition(";")[0])
        assert (home.status_code, "Log out" in home.text) == (200, True)

    def test_head_at_health_has_no_body(self, shop):
        answer = shop.ask("HEAD", "/health/ready")

        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.slow
def test_a_shop_that_was_told_to_end_says_so_finishes_and_goes(static, shop):
    ending = ProductionShop(static, DATABASE_URL=shop.variables["DATABASE_URL"]).wait_until_open()
    try:
        before = ending.ask("GET", "/health/ready")

        ending.process.send_signal(signal.SIGTERM)
        time.sleep(SIGNAL_GOES_ON_S)
        during = ending.ask("GET", "/health/ready")  # on the connection that was kept open
    finally:
        code = ending.end()

    assert before.status_code == 200
    assert (during.status_code, during.json()["reason"]) == (503, "draining")
    assert during.headers["Connection"] == "close"
    assert code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "times", "status"),
    [({"TRUSTED_PROXY_DEPTH": "0"}, 1, 301), ({"TRUSTED_PROXY_DEPTH": "1"}, 0, 200)],
)
def test_a_proxy_that_nobody_told_us_of_is_in_the_log_once_and_not_believed(
    static, shop, changes, times, status
):
    url = shop.variables["DATABASE_URL"]
    started = ProductionShop(static, workers=1, DATABASE_URL=url, **changes).wait_until_open()
    try:
        for _ in range(3):
            started.ask("GET", "/health/live")

        assert started.said.count("proxy_not_trusted") == times
        # Whoever says that it came over HTTPS is asked to come over HTTPS, unless it is our proxy.
        assert started.ask("GET", "/").status_code == status
    finally:
        started.end()
