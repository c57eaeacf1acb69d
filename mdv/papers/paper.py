"""What stands on a paper, as its app says it. Texts are plain: nothing in them is markup."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its share of the page's width, and whether figures stand in it."""

    heading: str
    share: float
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody whom the paper names: what they are here, and their lines."""

    role: str
    lines: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Total:
    label: str
    amount: str
    is_grand: bool = False


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper, from top to bottom. ``foot`` is repeated on each page, with the page's number."""

    title: str
    facts: Sequence[tuple[str, str]]
    parties: Sequence[Party]
    table: Table
    totals: Sequence[Total]
    notes: Sequence[str] = ()
    foot: str = ""
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class PrintedPaper:
    """A PDF and the name that a file of it gets."""

    name: str
    content: bytes
