"""The time. Services whose rule depends on it take ``at=``; doors pass :func:`now`."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return timezone.now()
