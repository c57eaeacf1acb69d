"""The blocks of a page: heading, parties, table, totals, notes."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer
from reportlab.platypus import Table as Grid

from mdv.papers.fonts import BOLD, REGULAR, printable
from mdv.papers.paper import Paper, Party, Table, Total

INK, GREY, RULE = HexColor("#1c1c1a"), HexColor("#6b6b66"), HexColor("#d9d9d4")
SMALL_PT, TEXT_PT, GRAND_PT, TITLE_PT = 8, 9, 11, 18
LEADING = 1.35  # line height, of the letters'
GAP = 6 * mm
CELL_PADDING_PT = 4
TOTALS_SHARE = 0.5  # of the page's width, at its right
AMOUNT_SHARE = 0.45  # of the totals
THIN_PT = 0.5

Command = tuple[Any, ...]
PLAIN: tuple[Command, ...] = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), CELL_PADDING_PT),
    ("TOPPADDING", (0, 0), (-1, -1), CELL_PADDING_PT / 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), CELL_PADDING_PT / 2),
)


def blocks_of(paper: Paper, width: float) -> list[Flowable]:
    """Return what fills the pages, `width` points wide."""
    return [
        _text(paper.title, size=TITLE_PT, font=BOLD),
        Spacer(width, GAP),
        _parties(paper, width),
        Spacer(width, GAP),
        _table(paper.table, width),
        Spacer(width, GAP / 2),
        _totals(paper.totals, width),
        Spacer(width, GAP),
        *(_text(note, colour=GREY) for note in paper.notes if note.strip()),
    ]


def _text(
    text: str,
    *,
    size: float = TEXT_PT,
    font: str = REGULAR,
    colour: Color = INK,
    is_right: bool = False,
) -> Paragraph:
    """Return a paragraph that says exactly `text`; a word that is too long is broken."""
    style = ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=size * LEADING,
        textColor=colour,
        alignment=TA_RIGHT if is_right else 0,
        splitLongWords=1,
    )
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)


def _parties(paper: Paper, width: float) -> Grid:
    """Return who and what, side by side: the parties, then the paper's facts."""
    facts = Party(role="", lines=[f"{name}: {value}" for name, value in paper.facts])
    cells = [_party(party) for party in (*paper.parties, facts)]
    return _grid([cells], [width / len(cells)] * len(cells))


def _party(party: Party) -> list[Paragraph]:
    heading = [_text(party.role, size=SMALL_PT, colour=GREY)] if party.role else []
    return [*heading, *(_text(line) for line in party.lines if line.strip())]


def _table(table: Table, width: float) -> Grid:
    """Return the rows under headings that every page repeats."""
    head = [
        _text(column.heading, size=SMALL_PT, colour=GREY, is_right=column.is_number)
        for column in table.columns
    ]
    rows = [
        [
            _text(cell, is_right=column.is_number)
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows
    ]
    whole = sum(column.share for column in table.columns)
    widths = [width * column.share / whole for column in table.columns]
    rules = [("LINEBELOW", (0, 0), (-1, -1), THIN_PT, RULE)]
    return _grid([head, *rows], widths, rules, headings=1)


def _totals(totals: Sequence[Total], width: float) -> Grid:
    cells = [
        [
            _text(total.label, **_weight(total)),
            _text(total.amount, is_right=True, **_weight(total)),
        ]
        for total in totals
    ]
    own = width * TOTALS_SHARE
    rules = [
        ("LINEABOVE", (0, row), (-1, row), THIN_PT, INK)
        for row, total in enumerate(totals)
        if total.is_grand
    ]
    widths = [own * (1 - AMOUNT_SHARE), own * AMOUNT_SHARE]
    return _grid(cells, widths, rules, is_right=True)


def _weight(total: Total) -> dict[str, Any]:
    return {"size": GRAND_PT, "font": BOLD} if total.is_grand else {}


def _grid(
    cells: Sequence[Sequence[Any]],
    widths: Sequence[float],
    rules: Sequence[Command] = (),
    *,
    headings: int = 0,
    is_right: bool = False,
) -> Grid:
    """Return cells in rows. One that is higher than a page goes on on the next."""
    return Grid(
        cells,
        colWidths=widths,
        style=[*PLAIN, *rules],
        repeatRows=headings,
        splitInRow=1,
        hAlign="RIGHT" if is_right else "LEFT",
    )
