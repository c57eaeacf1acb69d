"""Clearing away log-ins whose time is over. They have not let anybody in since."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from mdv.accounts import known_addresses
from mdv.accounts.models import ApiToken

AT_ONCE = 1_000


@transaction.atomic
def delete_expired(*, at: datetime) -> None:
    """Delete expired tokens and sessions, a bounded number at once."""
    tokens = ApiToken.objects.filter(expiry__lte=at).values("pk")[:AT_ONCE]
    ApiToken.objects.filter(pk__in=tokens).delete()
    sessions = Session.objects.filter(expire_date__lte=at).values("pk")[:AT_ONCE]
    Session.objects.filter(pk__in=sessions).delete()
    known_addresses.forget_old(at=at)
