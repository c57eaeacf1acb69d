"""Answers that were given once and are given again, byte for byte."""

from django.db import models

from mdv.idempotency.triggers import ANSWER_IS_GIVEN_ONCE, CLAIM_IS_FIXED, KeptForDays
from mdv.kernel.triggers import TruncateGuard


class IdempotencyKey(models.Model):
    """One key of one client on one route, with the answer it got.

    Written in the transaction of the effect itself: there is no answer without effect, and no
    effect without answer. Where the effect takes a call to the outside, key and object are
    committed first: ``subject`` names the object, and until ``busy_until`` somebody is at it.
    The key is kept as its SHA-256, and secrets of the answer not at all: what lies here opens
    nothing.
    """

    principal = models.CharField(max_length=64)
    route = models.CharField(max_length=128)
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=100, blank=True)
    busy_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=255, blank=True)
    body = models.BinaryField(default=b"")
    actor_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("principal", "route", "key", name="a_key_is_used_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]
        triggers = [CLAIM_IS_FIXED, ANSWER_IS_GIVEN_ONCE, KeptForDays(), TruncateGuard()]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
