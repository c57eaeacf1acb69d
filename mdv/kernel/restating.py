"""Counters that are put right from the facts that they are a cache of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True, kw_only=True)
class Restatement:
    """One figure: its name for people, what it was before and what it is after."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Counter:
    """A column of a row, its name for people, and what the facts say that it is."""

    row: Model
    column: str
    what: str
    facts: Any

    @property
    def differs(self) -> bool:
        return bool(getattr(self.row, self.column) != self.facts)

    @property
    def restated(self) -> Restatement:
        before = getattr(self.row, self.column)
        return Restatement(what=self.what, before=str(before), after=str(self.facts))


def differing(counters: Iterable[Counter]) -> list[Counter]:
    """Return the counters that do not say what the facts do."""
    return [counter for counter in counters if counter.differs]


def write_facts(counters: Iterable[Counter]) -> list[Restatement]:
    """Let the counters say what the facts do, all columns of a row at once."""
    restated = []
    columns: dict[tuple[type[Model], Any], tuple[Model, list[str]]] = {}
    for counter in differing(counters):
        restated.append(counter.restated)
        setattr(counter.row, counter.column, counter.facts)
        key = (type(counter.row), counter.row.pk)
        columns.setdefault(key, (counter.row, []))[1].append(counter.column)
    for row, changed in columns.values():
        row.save(update_fields=changed)
    return restated
