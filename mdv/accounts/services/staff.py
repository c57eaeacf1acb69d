"""Who is on staff, in which roles."""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from audit.services import record
from audit.versions import check_shown
from mdv.accounts import letters, tasks
from mdv.accounts.models import RoleGrant, User
from mdv.accounts.roles import Role
from mdv.accounts.services.end_log_ins import end_all
from mdv.accounts.services.new_password import check_new_password
from mdv.kernel.errors import Conflict, FieldProblem, Invalid

ROLES_CHANGED = "roles_changed"


class LastAdmin(Conflict):
    code = "last_admin"
    detail = "Nobody else could grant roles then. Make somebody else admin first."


class UserExists(Conflict):
    code = "user_exists"
    detail = "Someone is already registered with this e-mail. Grant them the role instead."


@transaction.atomic
def set_roles(*, user: User, roles: Iterable[Role], shown: Collection[Role] | None = None) -> User:
    """Give `user` exactly these roles; end their tokens and sessions if that is a change.

    Whoever joins the staff has to choose a password by the rules for staff first. With `shown`,
    only if these still are the present ones.

    Raises:
        Stale: 412, someone changed them since.
        LastAdmin: nobody who can log in would be admin any longer.
    """
    wanted = frozenset(roles)
    admins = lock_admins()
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = person.roles
    seen = None if shown is None else frozenset(shown)
    told_by = Q(event=ROLES_CHANGED)
    check_shown(person, what="roles", present=before, shown=seen, told_by=told_by)
    if wanted == before:
        return person
    if Role.ADMIN in before - wanted and admins == {person.pk}:
        raise LastAdmin
    _replace(person, before, wanted)
    if not before:
        person.must_change_password = True
    end_all(person)
    record(ROLES_CHANGED, subject=person, facts={"before": sorted(before), "after": sorted(wanted)})
    return User.objects.get(pk=person.pk)


@transaction.atomic
def create_staff(*, email: str, name: str, password: str, roles: Iterable[Role]) -> User:
    """Create somebody on staff, with a password that they need not change.

    Raises:
        UserExists: 409; a role can be granted to them.
        BadPassword: not one for staff.
    """
    person = _enter(email, name, roles)
    check_new_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    record("staff_created", subject=person, facts={"roles": sorted(person.roles)})
    return person


@transaction.atomic
def invite_staff(*, email: str, name: str, roles: Iterable[Role]) -> User:
    """Create somebody on staff, and mail them a link to choose a password of their own.

    Raises:
        UserExists: 409; a role can be granted to them.
        Invalid: no role, so that they would not be on staff.
    """
    wanted = frozenset(roles)
    if not wanted:
        raise Invalid(problems=[FieldProblem("roles", "required", "At least one role.")])
    person = _enter(email, name, wanted)
    record("staff_invited", subject=person, facts={"roles": sorted(person.roles)})
    invitation = letters.enter_link(person, kind="staff_invited")
    tasks.send_link.defer(mail_id=invitation.pk)
    return person


def lock_admins() -> set[int]:
    """Lock the grants of all admins who can log in, so that two of them cannot leave at once."""
    grants = RoleGrant.objects.select_for_update(of=("self",)).filter(
        group__name=Role.ADMIN, user__is_active=True
    )
    return {grant.user_id for grant in grants.order_by("pk")}


def _enter(email: str, name: str, roles: Iterable[Role]) -> User:
    """Enter somebody on staff who has no password yet."""
    person = User(email=email.lower(), name=name)
    if User.objects.filter(email=person.email).exists():
        raise UserExists
    person.set_unusable_password()
    person.save(force_insert=True)
    _replace(person, frozenset(), frozenset(roles))
    return person


def _replace(person: User, before: frozenset[Role], wanted: frozenset[Role]) -> None:
    RoleGrant.objects.filter(user=person, group__name__in=before - wanted).delete()
    for role in sorted(wanted - before):
        RoleGrant.objects.create(user=person, group=Group.objects.get(name=role))
