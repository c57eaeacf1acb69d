"""Headers that protect people, on every answer that leaves the house."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
STATIC = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"
PATHS = [
    ("/api/v1/echo", 200),
    ("/page", 200),
    ("/api/v1/protected", 401),
    ("/api/v1/no-such-route", 404),
    ("/no-such-page", 404),
    ("/api/v1/fails/fault", 500),
    ("/plain/fault", 500),
    (STATIC, 200),
    ("/admin/login/", 200),
    ("/health/live", 200),
    ("/api/docs/", 200),
]


def get(client, path, **headers):
    response = client.get(path, secure=True, headers=headers)
    response.close()
    return response


def policy_of(response):
    directives = (item.split() for item in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_answer_carries_them(path, status, client):
    response = get(client, path)

    assert response.status_code == status
    assert {name: response[name] for name in EVERYWHERE} == EVERYWHERE
    assert "geolocation=()" in response["Permissions-Policy"]
    assert not {"Server", "X-Powered-By", "Expect-CT", "X-XSS-Protection"} & response.headers.keys()


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_a_page_may_load_from_us_alone_and_sit_in_no_frame(path, status, client):
    policy = policy_of(get(client, path))

    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    foreign = {
        source
        for sources in policy.values()
        for source in sources
        if source not in {"'self'", "'none'", "data:", "'unsafe-eval'", "'unsafe-inline'"}
    }
    assert not foreign


@pytest.mark.parametrize(
    "path", [path for path, _ in PATHS if not path.startswith("/admin/")] + ["/administrators"]
)
def test_nothing_unsafe_is_allowed_outside_the_back_office(path, client):
    assert "unsafe" not in get(client, path)["Content-Security-Policy"]


def test_the_back_office_never_runs_inline_scripts(client):
    policy = policy_of(get(client, "/admin/login/"))

    assert "'unsafe-inline'" not in policy.get("script-src", policy["default-src"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/api/v1/echo", "no-store"),
        ("/api/v1/protected", "no-store"),
        ("/no-such-page", "no-store"),
        ("/plain/fault", "no-store"),
        ("/api/v1/cached", "public, max-age=60"),
    ],
)
def test_nobody_keeps_an_answer_unless_it_says_so(path, value, client):
    assert get(client, path)["Cache-Control"] == value


def test_the_log_in_page_is_kept_by_nobody(client):
    assert "no-store" in get(client, "/admin/login/")["Cache-Control"]


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://shop.example.com"])
def test_a_foreign_origin_is_not_let_in(origin, client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]

    response = get(client, "/api/v1/echo", Origin=origin)

    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_named_origin_is_let_in_without_credentials(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]

    response = get(client, "/api/v1/echo", Origin="https://shop.example.com")

    assert response["Access-Control-Allow-Origin"] == "https://shop.example.com"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Access-Control-Allow-Origin" not in get(
        client, "/page", Origin="https://shop.example.com"
    )


def test_plain_http_is_sent_to_https_with_the_headers_that_can_be_there(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/page")

    assert (response.status_code, response["Location"]) == (301, "https://testserver/page")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Request-ID"]


def test_the_apis_description_has_nothing_inline(client):
    page = get(client, "/api/docs/").content.decode()

    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert 'href="/static/mdv/docs.css"' in page
