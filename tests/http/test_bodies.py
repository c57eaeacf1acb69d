"""Bodies that are too long, or of no known length, are refused before a byte is read."""

import pytest
from django.test import Client

from mdv.accounts.roles import Role
from tests.accounts.people import make_customer, make_staff
from tests.backoffice.shop import open_shop

pytestmark = pytest.mark.django_db

MB = 1024 * 1024
FORM = "multipart/form-data; boundary=x"
PAGES = ["/admin/login/", "/password-reset/a/b", "/admin/orders/order/", "/api/v1/auth/login"]


class Untouched:
    """A body that nobody may read."""

    def read(self, *args):
        raise AssertionError

    readline = read


def send(client, path, length, **extra):
    headers = {"CONTENT_LENGTH": str(length), "wsgi.input": Untouched(), **extra}
    return client.generic("POST", path, content_type=FORM, **headers)


@pytest.mark.parametrize("path", PAGES)
def test_a_form_longer_than_any_is_refused_unread(path):
    strict = Client(enforce_csrf_checks=True)

    answer = send(strict, path, MB + 1)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", PAGES)
def test_a_body_in_chunks_is_refused_unread(path):
    strict = Client(enforce_csrf_checks=True)

    answer = send(strict, path, "", HTTP_TRANSFER_ENCODING="chunked")

    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


@pytest.mark.parametrize("who", ["nobody", "a customer", "staff"])
@pytest.mark.parametrize(("length", "is_read"), [(5 * MB, True), (11 * MB, False)])
def test_a_picture_is_taken_from_staff_alone(who, length, is_read):
    shop = open_shop()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if who != "nobody":
        client.force_login(make_staff(Role.ADMIN) if who == "staff" else shop.customer)

    answer = send(client, f"/admin/catalog/product/{shop.product.pk}/add-picture/", length)

    # Whoever is read comes as far as the check of the form's token, which breaks here.
    assert (answer.status_code == 413) == (not is_read or who != "staff")


def test_a_picture_sent_to_the_api_is_not_read_before_it_is_known_who_sends_it():
    make_customer()

    answer = send(Client(), "/api/v1/staff/products/shirt/images", 5 * MB)

    assert answer.status_code == 401
