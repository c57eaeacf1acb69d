"""Counts that must be exact even while Redis is away."""

from django.db import models


class Hit(models.Model):
    """How often `key` was seen in one window of `scope`. Kept in PostgreSQL as the fallback."""

    scope = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    window_ends = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("scope", "key", "window_ends", name="one_count_per_window"),
        ]
        indexes = [models.Index(fields=["window_ends"], name="hits_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"
