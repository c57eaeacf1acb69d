"""From where somebody logged in lately: whoever attacks an account must not keep its owner out."""

from datetime import datetime, timedelta

from mdv.accounts.models import ApiToken, KnownAddress, User
from mdv.http.address import bucket
from mdv.kernel import clock, context

KNOWN_FOR = timedelta(days=30)


def remember(user: User) -> None:
    """Note that `user` has just logged in from here."""
    address = context.current().address
    if address:
        KnownAddress.objects.bulk_create(
            [KnownAddress(user=user, bucket=bucket(address), seen_at=clock.now())],
            update_conflicts=True,
            unique_fields=["user", "bucket"],
            update_fields=["seen_at"],
        )


def is_known(email: str, here: str) -> bool:
    """Tell whether the account was logged in to from the bucket `here`, or is in use there."""
    at = clock.now()
    lately = KnownAddress.objects.filter(user__email=email, seen_at__gt=at - KNOWN_FOR)
    if lately.filter(bucket=here).exists():
        return True
    tokens = ApiToken.objects.live(at).filter(user__email=email).exclude(last_address=None)
    return any(bucket(address) == here for address in tokens.values_list("last_address", flat=True))


def forget(user: User) -> None:
    """Forget from where `user` logged in: what was open there has ended."""
    KnownAddress.objects.filter(user=user).delete()


def forget_old(*, at: datetime) -> None:
    """Forget what is known no longer."""
    KnownAddress.objects.filter(seen_at__lte=at - KNOWN_FOR).delete()
