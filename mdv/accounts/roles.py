"""Who may do what: the one table.

Roles are Django groups, made by a migration; what a role may do is said here and nowhere else, so
that no row in a database can quietly widen it. Rights are ``app_label.verb_model``, Django's
words. The tests hold every admin page and every route against this table.
"""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    OPERATIONS = "operations"
    LOGISTICS = "logistics"
    SUPPORT = "support"
    AUDITOR = "auditor"


EVERYONE_ON_STAFF = frozenset(Role)

RIGHTS: dict[str, frozenset[Role]] = {
    "accounts.view_user": frozenset(
        {Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS, Role.SUPPORT, Role.AUDITOR}
    ),
    "accounts.change_user": frozenset({Role.ADMIN, Role.SUPERVISOR, Role.SUPPORT}),
    "accounts.grant_role": frozenset({Role.ADMIN}),
    "accounts.view_rolegrant": frozenset({Role.ADMIN, Role.AUDITOR}),
    "audit.view_auditentry": frozenset({Role.ADMIN, Role.SUPERVISOR, Role.AUDITOR}),
}


def may(roles: frozenset[Role], right: str) -> bool:
    """Tell whether someone with `roles` holds `right`. A right that is not listed is nobody's."""
    return bool(RIGHTS.get(right, frozenset()) & roles)


def may_see_app(roles: frozenset[Role], app_label: str) -> bool:
    """Tell whether `roles` hold any right in the app, so that menus show it."""
    return any(
        right.startswith(f"{app_label}.") and holders & roles for right, holders in RIGHTS.items()
    )
