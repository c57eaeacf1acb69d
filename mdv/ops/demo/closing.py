"""Demo accounts that found their way into production: finding and closing them."""

from collections.abc import Iterator

from django.contrib.auth.hashers import check_password
from django.db import transaction

from mdv.accounts.models import User
from mdv.accounts.services import close_account
from mdv.kernel import context
from mdv.kernel.context import Context
from mdv.ops import demo_accounts
from mdv.ops.demo.seeding import COMMAND


def open_demo_accounts() -> Iterator[User]:
    """Find the accounts that can be logged into with the demo password, one after the other.

    A hash is computed for each account of the demo's domain, and for nobody else's.
    """
    candidates = User.objects.filter(is_active=True, email__endswith=f"@{demo_accounts.DOMAIN}")
    # Only columns that have always been there: `migrate` asks before it adds the newest.
    for user in candidates.only("email", "password").order_by("id"):
        if check_password(demo_accounts.PASSWORD, user.password):
            yield user


def close_demo_accounts() -> int:
    """Close all open demo accounts, or none, and return how many they were.

    Raises:
        LastAdmin: nobody else is admin.
    """
    with context.use(Context(source="command", command=COMMAND)), transaction.atomic():
        found = list(open_demo_accounts())
        for user in found:
            close_account(user=user)
        return len(found)
