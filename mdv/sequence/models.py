"""The last number given, per kind of paper."""

import pgtrigger
from django.db import models
from django.db.models import Q

from mdv.kernel.triggers import Trigger, TruncateGuard


class CountsByOne(Trigger):
    """Refuse a count that skips or goes back, and to forget how far it had come."""

    name = "sequence_counts_by_one"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = """
        IF TG_OP = 'DELETE'
           OR (TG_OP = 'INSERT' AND NEW.last <> 1)
           OR (TG_OP = 'UPDATE' AND (NEW.kind, NEW.last) IS DISTINCT FROM (OLD.kind, OLD.last + 1))
        THEN
            RAISE EXCEPTION 'the numbers of % follow each other', coalesce(NEW.kind, OLD.kind)
            USING ERRCODE = '23514', CONSTRAINT = 'sequence_counts_by_one';
        END IF;
        RETURN NEW;
    """


class Sequence(models.Model):
    """How far the numbers of one kind have come."""

    kind = models.CharField(max_length=40, unique=True)
    last = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="sequence_starts_at_one", condition=Q(last__gte=1)),
        ]
        triggers = [CountsByOne(), TruncateGuard()]

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"
