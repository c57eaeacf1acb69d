"""What no row change shows: events that are recorded, and refusals that a person met."""

import pytest
from django.db import connection, transaction

from audit.models import AuditEntry
from audit.services import record
from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from tests.accounts.people import make_staff

pytestmark = pytest.mark.django_db


def test_an_event_is_kept_with_who_where_and_why(from_ada, entries):
    with context.refined(command="export", reason="for the tax office"):
        record("exported", label="customers", facts={"rows": 3})

    entry = entries.only()
    assert (entry.event, entry.action, entry.outcome, entry.object_repr) == (
        "exported",
        AuditEntry.Action.ACCESS,
        "ok",
        "customers",
    )
    assert (entry.actor_id, entry.actor_kind, entry.actor_role, entry.actor_email) == (
        7,
        "user",
        "admin",
        "ada@example.com",
    )
    assert (entry.source, entry.cid, entry.remote_addr, entry.user_agent) == (
        "api",
        "request-of-ada",
        "198.51.100.7",
        "curl/8",
    )
    assert (entry.command, entry.reason, entry.additional_data) == (
        "export",
        "for the tax office",
        {"rows": 3},
    )
    assert (entry.content_type, entry.object_pk, entry.object_id) == (None, "", None)


def test_an_event_about_an_object_is_found_with_that_objects_changes(customer, entries):
    customer.name = "Eve Ade"
    customer.save()
    record("viewed", subject=customer)

    assert [entry.event for entry in AuditEntry.objects.of(customer)][:2] == ["viewed", "changed"]
    assert list(entries)[-1].object_repr == "eve@example.com"


def test_an_event_about_a_token_does_not_keep_its_digest(customer, entries):
    token, _ = ApiToken.objects.create(user=customer)

    record("logged_out", subject=token)

    entry = list(entries)[-1]
    assert (entry.object_pk, entry.object_id) == (str(token.public_id), None)
    assert [found.event for found in AuditEntry.objects.of(token)] == ["logged_out", "created"]


def test_outside_of_a_request_the_system_is_the_actor(entries):
    record("tidied_up")

    entry = entries.only()
    assert (entry.actor_kind, entry.source, entry.remote_addr, entry.cid) == (
        "system",
        "command",
        None,
        "",
    )


def test_what_is_rolled_back_was_not_recorded(from_ada, entries):
    with transaction.atomic():
        record("exported")
        transaction.set_rollback(True)

    assert entries.none()


def test_an_event_and_the_change_beside_it_have_the_same_transaction(customer, from_ada, entries):
    with transaction.atomic():
        customer.name = "x"
        customer.save()
        record("renamed", subject=customer)

    assert len({entry.transaction_id for entry in entries}) == 1


def test_a_long_context_is_cut_not_refused(entries):
    actor = Actor(kind="user", role="r" * 200, label="l" * 300)
    with context.use(Context(source="command", actor=actor, command="c" * 200)):
        record("tidied_up")

    entry = entries.only()
    assert (len(entry.actor_role), len(entry.actor_email), len(entry.command)) == (128, 254, 128)


@pytest.mark.urls("tests.http.urls")
class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "reason", "route"),
        [
            ("/api/v1/protected", "not_authenticated", "api/v1/protected"),
            ("/api/v1/refused", "forbidden", "api/v1/refused"),
            ("/api/v1/fails/forbidden", "forbidden", "api/v1/fails/<str:name>"),
            ("/plain/permission", "forbidden", "plain/<str:name>"),
            ("/api/v1/fails/too-many", "rate_limited", "api/v1/fails/<str:name>"),
        ],
    )
    def test_a_refusal_is_recorded_with_its_route_request_and_address(
        self, path, reason, route, client, entries
    ):
        response = client.get(path, headers={"X-Request-ID": "refused-request"})

        entry = entries.only()
        assert response.status_code in {401, 403, 429}
        assert (entry.event, entry.outcome, entry.reason, entry.object_repr) == (
            "denied",
            "denied",
            reason,
            f"GET {route}",
        )
        assert (entry.actor_kind, entry.cid, entry.remote_addr) == (
            "guest",
            "refused-request",
            "127.0.0.1",
        )

    def test_a_refusal_in_the_back_office_names_who_met_it(self, client, entries):
        clerk = make_staff(Role.LOGISTICS)
        client.force_login(clerk)
        entries.forget_earlier_ones()

        response = client.get("/admin/audit/auditentry/")

        entry = next(entry for entry in entries if entry.event == "denied")
        assert response.status_code == 403
        assert (entry.actor_id, entry.actor_role, entry.actor_email, entry.source) == (
            clerk.pk,
            "logistics",
            "logistics@example.com",
            "admin",
        )

    @pytest.mark.parametrize("path", ["/page", "/no-such-page", "/api/v1/fails/conflict"])
    def test_what_is_no_refusal_is_not_recorded(self, path, client, entries):
        client.get(path)

        assert entries.none()

    def test_a_refusal_stands_when_it_cannot_be_written_down(self, client, entries):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")

        assert client.get("/api/v1/protected").status_code == 401
