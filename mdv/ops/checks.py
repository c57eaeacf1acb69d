"""Checks that keep the shop from starting.

Those tagged `database` are run by `manage.py migrate`, and by mdv/wsgi.py at every start.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection

from mdv.accounts.models import User
from mdv.ops.demo.closing import open_demo_accounts


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
