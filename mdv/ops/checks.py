"""Checks that keep the shop from starting.

Those tagged `database` are run by `manage.py migrate`, and by mdv/wsgi.py at every start.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DEFAULT_DB_ALIAS, connection

from mdv.accounts.models import User
from mdv.ops.demo.closing import open_demo_accounts
from mdv.ops.own_role import is_almighty


@register(Tags.database)
def check_demo_accounts(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse production while somebody can log in with the password that everybody knows."""
    if settings.MDV_LOCAL or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if User._meta.db_table not in connection.introspection.table_names():
        return []  # the first migrate asks before there are tables
    user = next(open_demo_accounts(), None)
    if user is None:
        return []
    return [
        Error(
            f"{user.email} can be logged into with the demo password: production refuses to start.",
            hint="Close the demo accounts: manage.py seed_demo --close-accounts",
            id="mdv.E010",
        )
    ]


@register(Tags.database)
def check_own_role(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn where the shop works as a role that could switch off what guards the trail."""
    if settings.MDV_LOCAL or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    role = str(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
    if not is_almighty(connection, role):
        return []
    return [
        Warning(
            f"The role of DATABASE_URL ({role}) owns the tables or is a superuser: it can switch "
            "off the triggers that guard the trail.",
            hint="Give the shop a role of its own: docs/deploy.md, A role of its own.",
            id="mdv.W010",
        )
    ]
