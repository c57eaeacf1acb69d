"""The trail in plain words: what a change means to people, without ids and counters."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models

from audit.models import AuditEntry
from mdv.admin.show import show_moment, show_money
from mdv.kernel.money import MoneyField

AnyField = models.Field[Any, Any]

# Columns that only the machine needs.
NOISE = frozenset({"id", "version", "session_epoch", "last_seq"})
NOTHING = "nothing"
MASKED = "***"  # as audit_capture writes what is not to be kept


@dataclass(frozen=True)
class Change:
    """One column of one change, as people read it."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.before == self.after == MASKED:
            return f"{self.name} changed"
        return f"{self.name}: {self.before or NOTHING} → {self.after or NOTHING}"


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return what `entry` changed, in the order of the table's columns, without the noise."""
    fields = _fields_of(entry)
    changed = {name: pair for name, pair in (entry.changes or {}).items() if name not in NOISE}
    ordered = [name for name in fields if name in changed]
    ordered += sorted(changed.keys() - fields.keys())
    return [
        Change(_name(name, fields.get(name)), *(_value(v, fields.get(name)) for v in changed[name]))
        for name in ordered
    ]


def subject_of(entry: AuditEntry) -> str:
    """Return what `entry` is about, such as ``order M-7Z3K9Q2X``."""
    kind = entry.content_type.name if entry.content_type else ""
    return f"{kind} {entry.object_repr}".strip()


def _fields_of(entry: AuditEntry) -> dict[str, AnyField]:
    model = entry.content_type.model_class() if entry.content_type else None
    return {field.column: field for field in model._meta.concrete_fields} if model else {}


def _name(column: str, field: AnyField | None) -> str:
    return str(field.verbose_name) if field is not None else column.replace("_", " ")


def _value(text: str | None, field: AnyField | None) -> str:
    if text is None or field is None:
        return text or ""
    if isinstance(field, models.DateTimeField):
        return show_moment(datetime.fromisoformat(text))
    if isinstance(field, models.BooleanField):
        return "yes" if text == "true" else "no"
    if isinstance(field, MoneyField):
        return show_money(Decimal(text))
    choices = dict(field.flatchoices)
    return str(choices.get(text, text)).lower() if text in choices else text
