"""The fonts that papers are set in, and what of a text they can show."""

import unicodedata
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
FOLDER = Path(__file__).with_name("fonts")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
KEPT = "\n"
# Controls, directions and joiners, surrogates, unassigned: nothing that ink could show.
INVISIBLE = ("Cc", "Cf", "Cs", "Cn")
VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@cache
def register_fonts() -> frozenset[int]:
    """Make the fonts known to the PDF library, once, and return the characters they both have."""
    fonts = [TTFont(name, str(FOLDER / f"{name}.ttf")) for name in (REGULAR, BOLD)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR)
    known = [frozenset(font.face.charToGlyph) for font in fonts]
    return frozenset.intersection(*known)


def printable(text: str) -> str:
    """Return `text` without what cannot be seen, and with a mark for each sign that is not there.

    Composed first, so that a letter with its accent apart is found. The fonts have neither emoji
    nor scripts that are written from right to left.
    """
    known = register_fonts()
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(_shown(sign, known) for sign in composed)


def _shown(sign: str, known: frozenset[int]) -> str:
    if sign in KEPT:
        return sign
    if unicodedata.category(sign) in INVISIBLE or ord(sign) in VARIATION_SELECTORS:
        return ""
    return sign if ord(sign) in known else UNKNOWN
