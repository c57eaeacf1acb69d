"""Production does not start while somebody can log in with the demo password."""

import psycopg
import pytest
from django.core.checks import Tags, run_checks

from mdv.accounts.roles import Role
from mdv.accounts.services import close_account, create_customer, create_staff
from mdv.ops import demo_accounts
from mdv.ops.demo import closing
from tests.migrated import TEMPLATE
from tests.ops.databases import database, manage, name_of, python

REFUSAL = (
    "admin@mdv.example can be logged into with the demo password: production refuses to start."
)
WAY_OUT = "Close the demo accounts: manage.py seed_demo --close-accounts"
OWN_PASSWORD = "a password of our own"
MANIFEST = '{"version": "1.1", "hash": "", "paths": {"icon.svg": "icon.1.svg"}}'
OPEN_ACCOUNTS = """
from mdv.accounts.services import create_customer, create_staff
create_staff(email="admin@mdv.example", name="", password="demo-mdv-2026", roles=["admin"])
create_customer(email="customer1@mdv.example", name="", password="demo-mdv-2026")
"""
START = "import mdv.wsgi"
ASK_HEALTH = """
from mdv.wsgi import application
from django.test import Client
print(Client(headers={"host": "shop.example.com"}).get("/health").status_code)
"""


@pytest.fixture(scope="module")
def template():
    """A migrated database with two demo accounts."""
    with database("with_demo_accounts", template=TEMPLATE) as url:
        assert manage("shell", "-c", OPEN_ACCOUNTS, DATABASE_URL=url).returncode == 0
        yield name_of(url)


@pytest.fixture
def production(template, tmp_path):
    """What a process in production is given, on such a database."""
    static = tmp_path / "static"  # as collectstatic leaves it
    static.mkdir()
    (static / "staticfiles.json").write_text(MANIFEST)
    with database("production", template=template) as url:
        yield {
            "MDV_ENV": "production",
            "DATABASE_URL": url,
            "MDV_STATE_DIR": str(tmp_path),
            "SECRET_KEY": "for-the-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
            "AUDIT_HMAC_KEY": "for-the-tests-only-0123456789-abcdef",
            "ALLOWED_HOSTS": "shop.example.com",
            "CSRF_TRUSTED_ORIGINS": "https://shop.example.com",
            "STORE_URL": "https://shop.example.com",
            "TRUSTED_PROXY_DEPTH": "1",
        }


def open_accounts(variables):
    with psycopg.connect(variables["DATABASE_URL"]) as session:
        rows = session.execute("SELECT email FROM accounts_user WHERE is_active ORDER BY id")
        return [email for (email,) in rows]


@pytest.mark.slow
def test_production_says_in_one_line_why_it_does_not_start(production):
    started = python("-c", START, **production)

    assert started.returncode == 3  # gunicorn's word for "do not start another one"
    assert started.stderr == f"mdv cannot start: mdv.E010 {REFUSAL} {WAY_OUT}\n"
    assert started.stdout == ""


@pytest.mark.slow
def test_once_the_demo_accounts_are_closed_production_starts(production):
    owner = ["--email", "owner@example.com", "--role", "admin"]
    assert manage("create_staff", *owner, typed=OWN_PASSWORD, **production).returncode == 0

    closed = manage("seed_demo", "--close-accounts", **production)
    started = python("-c", START, **production)

    assert (closed.stdout, closed.stderr) == ("2 demo accounts closed.\n", "")
    assert (started.returncode, started.stdout, started.stderr) == (0, "", "")
    assert open_accounts(production) == ["owner@example.com"]


@pytest.mark.slow
def test_while_the_demo_admin_is_the_only_one_no_account_is_closed(production):
    closed = manage("seed_demo", "--close-accounts", **production)

    assert closed.returncode == 1
    assert closed.stderr == (
        "CommandError: Nobody else could grant roles then. Make somebody else admin first. "
        "See manage.py create_staff.\n"
    )
    assert open_accounts(production) == ["admin@mdv.example", "customer1@mdv.example"]


@pytest.mark.slow
def test_the_release_step_refuses_too(production):
    released = manage("migrate", "--no-input", **production)

    assert released.returncode == 1
    assert REFUSAL in released.stderr
    assert WAY_OUT in released.stderr


@pytest.mark.slow
def test_the_first_migrate_of_a_new_database_finds_nobody(production):
    with database("empty") as url:
        released = manage("migrate", "--no-input", **{**production, "DATABASE_URL": url})

    assert released.returncode == 0, released.stderr
    assert "Applying accounts.0001_initial... OK" in released.stdout


@pytest.mark.slow
def test_the_shop_starts_locally_with_its_demo_accounts(production):
    started = python("-c", START, **production | {"MDV_ENV": "local"})

    assert started.returncode == 0, started.stderr


@pytest.mark.slow
def test_without_its_database_production_starts_and_health_says_so(production):
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}

    started = python("-c", ASK_HEALTH, **production | nowhere)

    assert started.returncode == 0, started.stderr
    said = started.stdout.splitlines()
    assert '"event":"started_without_database_checks"' in said[0].replace(" ", "")
    assert said[-1] == "503"


# --- Whom the check finds --------------------------------------------------------------------


def refusals():
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [message.msg for message in found if message.id == "mdv.E010"]


@pytest.fixture
def in_production(db, settings):
    settings.MDV_LOCAL = False


def create_demo_customer(**changes):
    facts = {"email": demo_accounts.CUSTOMER, "name": "Ada", "password": demo_accounts.PASSWORD}
    return create_customer(**facts | changes)


def test_an_open_customer_is_found(in_production):
    create_demo_customer()

    assert refusals() == [REFUSAL.replace("admin@", "customer1@")]


def test_locally_nobody_is_looked_for(in_production, settings):
    create_demo_customer()
    settings.MDV_LOCAL = True

    assert refusals() == []


def test_a_closed_account_is_not_found(in_production):
    close_account(user=create_demo_customer())

    assert refusals() == []


def test_an_account_with_a_password_of_its_own_is_not_found(in_production):
    create_demo_customer(password=OWN_PASSWORD)

    assert refusals() == []


def test_no_hash_is_computed_for_people_of_other_domains(in_production, monkeypatch):
    create_demo_customer(email="ada@example.com")
    asked = []
    monkeypatch.setattr(closing, "check_password", lambda *args: asked.append(args))

    assert refusals() == []
    assert asked == []


def test_the_first_that_is_found_is_enough(in_production, monkeypatch):
    asked = []
    monkeypatch.setattr(closing, "check_password", lambda *args: not asked.append(args))
    create_demo_customer()
    create_demo_customer(email=demo_accounts.CUSTOMERS[1])

    assert len(refusals()) == 1
    assert len(asked) == 1


def test_closing_leaves_accounts_with_passwords_of_their_own_alone(in_production):
    kept = create_staff(
        email=demo_accounts.STAFF["admin"], name="", password=OWN_PASSWORD, roles=[Role.ADMIN]
    )
    gone = create_demo_customer()

    assert closing.close_demo_accounts() == 1

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.is_active, gone.is_active) == (True, False)
