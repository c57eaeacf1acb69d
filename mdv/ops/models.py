"""What operations keep: the outcome of each check of the books."""

from django.db import models


class BooksCheck(models.Model):
    """One run of ``reconcile``: when, and which invariants did not hold."""

    checked_at = models.DateTimeField(db_index=True)
    failures = models.JSONField(default=list)

    class Meta:
        verbose_name = "check of the books"
        verbose_name_plural = "checks of the books"

    def __str__(self) -> str:
        return (
            f"{self.checked_at:%Y-%m-%d %H:%M} {'balanced' if self.is_balanced else 'UNBALANCED'}"
        )

    @property
    def is_balanced(self) -> bool:
        return not self.failures
