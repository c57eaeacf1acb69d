"""A view names the right that it asks for; the table of roles says who holds it."""

import pytest
from django.test import Client

from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from tests.accounts.people import make_customer, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]


def as_(person):
    return Client(headers={"Authorization": f"Bearer {ApiToken.objects.create(user=person)[1]}"})


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AUDITOR, 200), (Role.ADMIN, 200), (Role.LOGISTICS, 403)]
)
def test_who_holds_the_right_is_let_in(role, status):
    assert as_(make_staff(role)).get("/api/v1/for-auditors").status_code == status


def test_a_customer_holds_no_right_of_the_staff():
    assert as_(make_customer()).get("/api/v1/for-auditors").status_code == 403


def test_a_stranger_is_asked_who_he_is(client):
    assert client.get("/api/v1/for-auditors").status_code == 401


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [(Role.ADMIN, 200, 200), (Role.SUPPORT, 200, 403), (Role.LOGISTICS, 403, 403)],
)
def test_reading_and_writing_may_need_different_rights(role, reads, writes):
    client = as_(make_staff(role))

    assert client.get("/api/v1/by-method").status_code == reads
    assert client.post("/api/v1/by-method").status_code == writes
    # Where nothing is done the first of the rights is asked for.
    assert client.head("/api/v1/by-method").status_code == reads
