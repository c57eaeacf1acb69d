"""Who may do what with the catalogue and the stock: every route, every role, and the stranger."""

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from shop.catalog import services
from tests.accounts.people import PASSWORD, make_customer
from tests.catalog.clients import Caller, logged_in
from tests.catalog.shelf import make_product, picture

pytestmark = pytest.mark.django_db

SELLERS = {Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS}
STOREKEEPERS = SELLERS | {Role.LOGISTICS}
ROUTES = [
    ("GET", "/staff/categories", set(Role)),
    ("GET", "/staff/categories/shoes", set(Role)),
    ("POST", "/staff/categories", SELLERS),
    ("PATCH", "/staff/categories/shoes", SELLERS),
    ("DELETE", "/staff/categories/shoes", SELLERS),
    ("GET", "/staff/products", set(Role)),
    ("GET", "/staff/products/boot", set(Role)),
    ("POST", "/staff/products", SELLERS),
    ("PATCH", "/staff/products/boot", SELLERS),
    ("DELETE", "/staff/products/boot", SELLERS),
    ("POST", "/staff/products/boot/status", SELLERS),
    ("GET", "/staff/products/boot/variants", set(Role)),
    ("POST", "/staff/products/boot/variants", SELLERS),
    ("GET", "/staff/variants/BOOT", set(Role)),
    ("PATCH", "/staff/variants/BOOT", SELLERS),
    ("DELETE", "/staff/variants/BOOT", SELLERS),
    ("POST", "/staff/variants/BOOT/archive", SELLERS),
    ("POST", "/staff/variants/BOOT/restore", SELLERS),
    ("GET", "/staff/products/boot/images", set(Role)),
    ("POST", "/staff/products/boot/images", SELLERS),
    ("GET", "/staff/images/{image}", set(Role)),
    ("PATCH", "/staff/images/{image}", SELLERS),
    ("DELETE", "/staff/images/{image}", SELLERS),
    ("POST", "/staff/images/{image}/primary", SELLERS),
    ("GET", "/staff/stock", set(Role)),
    ("GET", "/staff/stock/low", set(Role)),
    ("GET", "/staff/stock/BOOT", set(Role)),
    ("POST", "/staff/stock/BOOT/adjust", STOREKEEPERS),
    ("POST", "/staff/stock/BOOT/receive", STOREKEEPERS),
    ("PUT", "/staff/stock/BOOT/low-level", STOREKEEPERS),
]


@pytest.fixture
def image():
    shoes = services.create_category(name="Shoes")
    product = make_product("Boot", category_id=shoes.pk)
    return services.add_image(product_id=product.pk, content=picture((4, 4)))


def status(caller, method, path, image):
    """Ask with a body that nobody can act on: who is let in gets anything but 401 and 403."""
    body = None if method in {"GET", "DELETE"} else {"unknown": 1}
    return caller.send(method, path.format(image=image.pk), body).status_code


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says(role, image):
    caller = logged_in(role)

    for method, path, allowed in ROUTES:
        expected = role in allowed
        assert (status(caller, method, path, image) != 403) == expected, (method, path)
        assert status(caller, method, path, image) != 401


def test_a_customer_may_do_nothing_here(image):
    make_customer()
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    ada = Caller(Caller().send("POST", "/auth/login", credentials).json()["token"])

    assert {status(ada, method, path, image) for method, path, _ in ROUTES} == {403}


def test_a_stranger_is_asked_who_they_are(visitor, image):
    assert {status(visitor, method, path, image) for method, path, _ in ROUTES} == {401}


def test_a_refusal_changes_nothing_and_is_written_down(auditor, image):
    answer = auditor.send("POST", "/staff/products", {"title": "Jacket"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    entry = AuditEntry.objects.get(outcome="denied")
    assert entry.object_repr == "POST api/v1/staff/products"
    assert entry.actor_email == "auditor@example.com"


@pytest.mark.parametrize("method", ["PUT", "TRACE"])
def test_what_a_route_does_not_do_is_a_405(staff, image, method):
    assert staff.send(method, "/staff/products/boot").status_code == 405
    assert staff.send(method, "/staff/stock/BOOT/adjust").status_code == 405
