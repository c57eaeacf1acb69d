"""Who acted is never mixed up, however many requests write at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.models import AuditEntry
from audit.services import record
from mdv.accounts.models import ApiToken, User

REQUESTS = 64
THREADS = 16
PEOPLE = 8

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


class Renaming(APIView):
    """Writes in every way that could lose who is acting."""

    permission_classes = (IsAuthenticated,)

    def post(self, request):
        me = User.objects.filter(pk=request.user.pk)
        name = request.headers["X-Request-ID"]
        me.update(name=f"{name} alone")
        with transaction.atomic():
            me.update(name=f"{name} first")
            try:
                with transaction.atomic():
                    me.update(email="taken@example.com")
            except IntegrityError:
                me.update(name=f"{name} after a savepoint")
        record("renamed", subject=request.user)
        return Response({})


urlpatterns = [path("api/v1/renaming", Renaming.as_view())]


@pytest.fixture
def tokens(db):
    User.objects.create(email="taken@example.com")
    people = [User.objects.create(email=f"p{n}@example.com") for n in range(PEOPLE)]
    return [(person, ApiToken.objects.create(user=person)[1]) for person in people]


def send(number, token):
    try:
        headers = {"X-Request-ID": f"request-{number:03}", "Authorization": f"Bearer {token}"}
        client = Client(headers=headers, REMOTE_ADDR=f"198.51.100.{number}")
        return client.post("/api/v1/renaming").status_code
    finally:
        connections.close_all()


def test_every_entry_of_many_requests_at_once_names_its_own_person_request_and_address(tokens):
    last = AuditEntry.objects.latest().id
    senders = [tokens[number % PEOPLE] for number in range(REQUESTS)]

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(send, range(REQUESTS), [token for _, token in senders]))

    assert answers == [200] * REQUESTS
    entries = list(AuditEntry.objects.filter(id__gt=last).order_by("id"))
    found = sorted(
        (
            entry.cid,
            entry.changes["name"][1].removeprefix(f"{entry.cid} ") if entry.changes else "recorded",
            entry.actor_id,
            entry.actor_kind,
            entry.actor_email,
            entry.remote_addr,
            entry.object_id,
            entry.source,
        )
        for entry in entries
    )
    assert found == sorted(
        (
            f"request-{number:03}",
            what,
            person.pk,
            "user",
            person.email,
            f"198.51.100.{number}",
            person.pk,
            "api",
        )
        for number, (person, _) in enumerate(senders)
        for what in ("alone", "first", "after a savepoint", "recorded")
    )
