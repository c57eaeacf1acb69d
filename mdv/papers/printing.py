"""Printing a paper as PDF: the same paper is the same bytes, whenever and wherever."""

from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate

from mdv.papers.blocks import GREY, SMALL_PT, blocks_of
from mdv.papers.fonts import REGULAR, printable, register_fonts
from mdv.papers.paper import Paper

MARGIN = 18 * mm
FOOT_HEIGHT = 10 * mm
MAX_FOOT = 90  # characters, what fits beside the page's number


def print_paper(paper: Paper) -> bytes:
    """Return `paper` as a PDF of A4 pages. It takes milliseconds of computing: never in a lock."""
    register_fonts()
    width, _ = A4
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + FOOT_HEIGHT,
        title=printable(paper.title),
        author=printable(paper.author),
        invariant=1,  # no time of printing and no random id
    )
    frame_padding = 12  # points: 6 on each side, SimpleDocTemplate's own
    blocks = blocks_of(paper, width - 2 * MARGIN - frame_padding)
    document.build(blocks, canvasmaker=_canvas_with(foot=printable(paper.foot)))
    return file.getvalue()


def _canvas_with(*, foot: str) -> type[Canvas]:
    """Return a canvas that writes the foot when it knows how many pages there are."""

    class Pages(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  (the library's name)
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._write_foot(number)
                super().showPage()
            super().save()

        def _write_foot(self, number: int) -> None:
            width, _ = A4
            self.setFont(REGULAR, SMALL_PT)
            self.setFillColor(GREY)
            self.drawString(MARGIN, FOOT_HEIGHT, foot.replace("\n", " ")[:MAX_FOOT])
            page = f"Page {number} of {len(self._pages)}"
            self.drawRightString(width - MARGIN, FOOT_HEIGHT, page)

    return Pages
