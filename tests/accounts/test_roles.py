"""Granting and taking roles."""

import threading

import pytest
from django.db import connections
from django.test import Client

from audit.models import AuditEntry
from mdv.accounts import services
from mdv.accounts.models import ApiToken, RoleGrant, User
from mdv.accounts.roles import Role
from mdv.kernel import context
from tests.accounts.people import PASSWORD, deactivate, make_customer, make_staff


def test_somebody_has_exactly_the_roles_that_were_set(admin):
    user = make_staff(Role.SUPPORT)

    services.set_roles(user=user, roles={Role.LOGISTICS, Role.AUDITOR})

    assert User.objects.get(pk=user.pk).roles == {Role.LOGISTICS, Role.AUDITOR}


def test_a_change_ends_their_tokens_and_their_session_in_the_back_office(api, admin):
    user = make_staff(Role.SUPPORT)
    api.log_in("support@example.com")
    browser = Client()
    browser.post("/admin/login/", {"username": "support@example.com", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 200

    services.set_roles(user=user, roles={Role.LOGISTICS})

    assert api.get("/auth/me").status_code == 401
    assert browser.get("/admin/").status_code == 302


def test_setting_the_same_roles_again_changes_nothing(api, admin):
    user = make_staff(Role.SUPPORT)
    api.log_in("support@example.com")
    before = AuditEntry.objects.count()

    services.set_roles(user=user, roles={Role.SUPPORT})

    assert api.get("/auth/me").status_code == 200
    assert AuditEntry.objects.count() == before


def test_it_is_written_down_who_gave_which_role_to_whom(admin):
    user = make_staff(Role.SUPPORT)

    with context.use(context.Context(source="admin", actor=admin.as_actor())):
        services.set_roles(user=user, roles={Role.LOGISTICS})

    entry = AuditEntry.objects.get(event="roles_changed")
    assert (entry.actor_email, entry.object_pk) == ("admin@example.com", str(user.pk))
    assert entry.additional_data == {"before": ["support"], "after": ["logistics"]}


def test_a_customer_who_joins_the_staff_has_to_choose_a_password_for_staff(admin):
    user = make_customer()

    joined = services.set_roles(user=user, roles={Role.SUPPORT})
    moved = services.set_roles(user=make_staff(Role.AUDITOR), roles={Role.SUPPORT})

    assert joined.must_change_password
    assert not moved.must_change_password


@pytest.mark.parametrize("roles", [set(), {Role.SUPPORT}])
def test_the_last_admin_stays_admin(admin, api, roles):
    api.log_in("admin@example.com")

    with pytest.raises(services.LastAdmin):
        services.set_roles(user=admin, roles=roles)

    assert User.objects.get(pk=admin.pk).roles == {Role.ADMIN}
    assert api.get("/auth/me").status_code == 200


def test_an_admin_who_cannot_log_in_does_not_count(admin):
    deactivate(make_staff(email="gone@example.com"))

    with pytest.raises(services.LastAdmin):
        services.set_roles(user=admin, roles=set())


def test_with_a_second_admin_the_first_can_go(admin):
    make_staff(email="second@example.com")

    services.set_roles(user=admin, roles=set())

    assert User.objects.get(pk=admin.pk).roles == frozenset()
    assert not ApiToken.objects.filter(user=admin).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_leave_at_once_one_has_to_stay():
    users = [make_staff(email=f"{name}@example.com") for name in ("one", "two")]
    gate = threading.Barrier(2)
    outcomes = []

    def leave(user):
        gate.wait()
        try:
            services.set_roles(user=user, roles=set())
            outcomes.append("left")
        except services.LastAdmin:
            outcomes.append("stayed")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=leave, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["left", "stayed"]
    assert RoleGrant.objects.filter(group__name=Role.ADMIN).count() == 1
