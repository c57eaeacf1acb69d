"""The trail, written by the database's triggers and by :func:`audit.services.record`; its seals."""

from typing import Any, ClassVar

from auditlog.models import AbstractLogEntry
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Cast

from audit.registry import key_of
from audit.seal import KEY_ID_LENGTH
from audit.triggers import ContinuesTheChain, WrittenByTriggers
from mdv.kernel.triggers import AppendOnly, TruncateGuard


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, instance: models.Model) -> "AuditQuerySet":
        """Select what happened to `instance`, newest first."""
        content_type = ContentType.objects.get_for_model(instance)
        found = self.filter(content_type=content_type, object_pk=str(key_of(instance)))
        return found.order_by("-id")


class AuditEntry(AbstractLogEntry):
    """One thing that happened: a row that changed, a login, a denial, an export.

    django-auditlog's entry, with what it lacks. Its ``cid`` is the request id, ``actor_email``
    the actor's label at that moment, ``changes`` maps columns to [old, new] as text. Neither
    actor nor content type has a foreign key in the database: nothing done to another table may
    ever touch the trail.
    """

    class Outcome(models.TextChoices):
        OK = "ok"
        DENIED = "denied"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    content_type = models.ForeignKey(
        ContentType,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    object_pk = models.CharField(max_length=255, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)
    action = models.PositiveSmallIntegerField(choices=AbstractLogEntry.Action.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
    )
    cid = models.CharField("request id", max_length=128, blank=True)
    event = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OK)
    source = models.CharField(max_length=16)
    actor_kind = models.CharField(max_length=16)
    actor_role = models.CharField(max_length=128, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    command = models.CharField(max_length=128, blank=True)
    reason = models.TextField(blank=True)
    order_id = models.BigIntegerField(null=True, blank=True)
    transaction_id = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()),
            models.BigIntegerField(),
        )
    )

    objects: ClassVar[Any] = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering = ()
        get_latest_by = "id"
        indexes = [
            models.Index(fields=["object_pk", "content_type"], name="audit_by_object"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["cid"], name="audit_by_request"),
            models.Index(fields=["object_repr"], name="audit_by_label"),
            models.Index(fields=["remote_addr"], name="audit_by_address"),
            models.Index(
                fields=["-id"], name="audit_of_refusals", condition=~models.Q(outcome="ok")
            ),
            models.Index(
                fields=["order_id"],
                name="audit_by_order",
                condition=models.Q(order_id__isnull=False),
            ),
            models.Index(fields=["transaction_id", "id"], name="audit_by_transaction"),
        ]
        triggers = [AppendOnly(), TruncateGuard(), WrittenByTriggers()]

    def __str__(self) -> str:
        return f"{self.event.replace('_', ' ')} {self.object_repr}".strip()


class AuditSeal(models.Model):
    """The place of one entry in the chain that shows whether the trail was touched afterwards.

    ``digest`` is the entry's (``audit.digest``), ``previous`` the ``mac`` of the seal before it,
    ``mac`` is made of all the others with the key that ``key_id`` names (``audit.seal``).
    ``server`` counted the transaction that wrote the entry. No foreign key: a check of it would
    lock every entry, and that an entry is missing is what a seal is there to show.
    """

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(
        AuditEntry, models.DO_NOTHING, related_name="seal", db_constraint=False
    )
    transaction_id = models.BigIntegerField()
    server = models.BigIntegerField()
    digest = models.BinaryField()
    previous = models.BinaryField()
    mac = models.BinaryField()
    key_id = models.CharField(max_length=KEY_ID_LENGTH)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = "seal"
        triggers = [AppendOnly(), TruncateGuard(), ContinuesTheChain()]

    def __str__(self) -> str:
        return f"seal {self.seq}"
