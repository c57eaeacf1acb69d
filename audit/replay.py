"""What a row was at an instant, rebuilt from the trail.

A transaction writes over a stretch of time, and is shown whole or not at all: what it wrote about
the thing that is looked at counts from the moment of its last entry about it. One that was still
writing at the instant is not there yet. Moments are those of the database's clock, and what was
written at the very instant counts. The trail knows when a transaction wrote, not when it was
committed: others saw its work a little later than it is shown here, never sooner.

What the trail does not keep is said to be unknown, and never guessed.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.models import AuditEntry
from audit.registry import tracked_as
from audit.words import MASKED, AnyField

OF_ROWS = (AuditEntry.Action.CREATE, AuditEntry.Action.UPDATE, AuditEntry.Action.DELETE)


class Unknown(StrEnum):
    """Why a column's value cannot be told."""

    MASKED = "not kept"
    EXCLUDED = "not followed by the trail"
    UNWRITTEN = "not in the trail"


class Standing(StrEnum):
    """Whether a row was there."""

    NOT_YET = "not there yet"
    THERE = "there"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class RowThen:
    """One row as it was: its columns by name, with values of the model's kinds, or `Unknown`.

    A deleted row shows what it was last. `label` is what named it.
    """

    model: type[models.Model]
    key: str
    label: str = ""
    standing: Standing = Standing.NOT_YET
    columns: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.columns.get(column, Unknown.UNWRITTEN)

    @property
    def is_there(self) -> bool:
        return self.standing == Standing.THERE


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What one transaction wrote about a thing; `at` is when it was done with it."""

    at: datetime
    entries: list[AuditEntry]

    @property
    def who(self) -> str:
        last = self.entries[-1]
        return last.actor_email or last.actor_kind


def row_at(model: type[models.Model], key: object, *, at: datetime | None = None) -> RowThen:
    """Return one row as it was at the instant, or as the trail has it now."""
    entries = entries_of_rows().filter(
        content_type=ContentType.objects.get_for_model(model), object_pk=str(key)
    )
    found = rows_at(entries, at=at)
    return found[0] if found else RowThen(model=model, key=str(key))


def entries_of_rows() -> models.QuerySet[AuditEntry]:
    """Select what was written about rows, the oldest first."""
    found: models.QuerySet[AuditEntry] = AuditEntry.objects.filter(action__in=OF_ROWS)
    return found.select_related("content_type").order_by("id")


def moments_of(entries: Iterable[AuditEntry]) -> list[Moment]:
    """Return when something changed by these entries, the oldest first, a transaction each."""
    transactions: dict[int, list[AuditEntry]] = defaultdict(list)
    for entry in entries:
        transactions[entry.transaction_id].append(entry)
    found = [
        Moment(at=max(entry.timestamp for entry in written), entries=written)
        for written in transactions.values()
    ]
    return sorted(found, key=lambda moment: (moment.at, moment.entries[-1].pk))


def rows_at(entries: Iterable[AuditEntry], *, at: datetime | None = None) -> list[RowThen]:
    """Return the rows that these entries, about one thing, had made by the instant; None: by now.

    In the order in which they were first written. What was not there yet is not among them.
    """
    counted = [
        entry
        for moment in moments_of(entries)
        if at is None or moment.at <= at
        for entry in moment.entries
    ]
    rows: dict[tuple[int, str], RowThen] = {}
    for entry in sorted(counted, key=lambda entry: entry.pk):
        model = entry.content_type.model_class() if entry.content_type else None
        if model is not None:
            key = (entry.content_type_id, entry.object_pk)
            rows[key] = _after(entry, model, rows.get(key))
    return list(rows.values())


def _after(entry: AuditEntry, model: type[models.Model], before: RowThen | None) -> RowThen:
    """Return the row after what `entry` tells."""
    columns = dict(before.columns) if before else {}
    if entry.action == AuditEntry.Action.CREATE:
        columns = dict.fromkeys(_fields(model))
        excluded = tracked_as(model).excluded
        columns.update(dict.fromkeys(excluded, Unknown.EXCLUDED))
    is_deleted = entry.action == AuditEntry.Action.DELETE
    fields = {} if is_deleted else _fields(model)
    for name, (_, text) in (entry.changes or {}).items():
        if name in fields:
            columns[name] = Unknown.MASKED if text == MASKED else value_of(fields[name], text)
    return RowThen(
        model=model,
        key=entry.object_pk,
        label=entry.object_repr,
        standing=Standing.DELETED if is_deleted else Standing.THERE,
        columns=columns,
    )


def _fields(model: type[models.Model]) -> dict[str, AnyField]:
    return {str(one.column): one for one in model._meta.concrete_fields}


def value_of(column: AnyField, text: str | None) -> Any:
    """Return what the trail wrote as text as the value that the model has."""
    if isinstance(column, models.ForeignKey):
        column = column.target_field
    elif isinstance(column, models.GeneratedField):
        column = cast("AnyField", column.output_field)
    if text is None:
        return None
    if isinstance(column, models.DateTimeField):
        return datetime.fromisoformat(text)
    if isinstance(column, models.BooleanField):
        return text == "true"
    if isinstance(column, ArrayField | models.JSONField):
        return json.loads(text)
    return column.to_python(text)
