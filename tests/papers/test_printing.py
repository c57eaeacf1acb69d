"""Papers: every text prints as it is, on as many pages as it takes, the same bytes each time."""

import subprocess
import sys
import zlib
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from mdv.kernel.money import write_money
from mdv.papers.fonts import FOLDER, printable, register_fonts
from mdv.papers.paper import Column, Paper, Party, Table, Total
from mdv.papers.printing import print_paper

COLUMNS = (
    Column(heading="What", share=0.7),
    Column(heading="Amount", share=0.3, is_number=True),
)
LARGEST_KB = 60
# Markup, accents, scripts from right to left, emoji with joiners, controls, a lone surrogate.
ODD = [
    "<b>bold</b> & <para> </para> &amp; &#65;",
    "Ọlámidé Ńgọ́zi Ɗan Ƙasa ₦1,500.00 €2 £3",
    "מרים مريم \u202eevil\u202c",
    "👩‍👩‍👧 ❤️ 🇳🇬",
    "\x00\x07\x1b\ud800\ufffe",
    "line\r\nbreak\ttab\u2028separator",
    "",
    " ",
    "漢字 हिन्दी ไทย",
    "<font color='red'>x</font><img src='file:///etc/passwd'/>",
]


def paper(rows=(("Shirt", "₦1,500.00"),), **changes):
    wanted = {
        "title": "Invoice INV-2026-000001",
        "facts": [("Order", "M-12345678")],
        "parties": [Party(role="Seller", lines=["Maison"]), Party(role="Buyer", lines=["Ada"])],
        "table": Table(columns=COLUMNS, rows=rows),
        "totals": [Total(label="Total", amount="₦1,500.00", is_grand=True)],
        "foot": "INV-2026-000001",
        **changes,
    }
    return Paper(**wanted)


def pages(content):
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def words(content):
    return " ".join(" ".join(pages(content)).split())


def test_the_naira_sign_prints():
    content = print_paper(paper())

    assert "₦1,500.00" in words(content)
    assert ord("₦") in register_fonts()


def test_the_same_paper_is_the_same_bytes_in_this_process_and_in_another():
    program = (
        "import zlib; from mdv.papers.paper import *\n"
        "from mdv.papers.printing import print_paper\n"
        f"print(zlib.crc32(print_paper({paper()!r})))"
    )
    other = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    first = print_paper(paper())

    assert print_paper(paper()) == first
    assert int(other.stdout) == zlib.crc32(first)


def test_another_amount_is_other_bytes():
    assert print_paper(paper()) != print_paper(paper(rows=[("Shirt", "₦1,500.01")]))


@pytest.mark.parametrize("text", ODD)
def test_whatever_somebody_typed_prints_everywhere(text):
    content = print_paper(
        paper(
            rows=[(text, text)],
            title=text or "x",
            facts=[(text, text)],
            parties=[Party(role=text, lines=[text])],
            totals=[Total(label=text, amount=text)],
            notes=[text],
            foot=text,
            author=text,
        )
    )

    assert content.startswith(b"%PDF-")
    assert len(pages(content)) == 1


def test_markup_prints_as_it_was_typed():
    content = print_paper(paper(rows=[("<b>R&B</b> &amp;", "1")]))

    assert "<b>R&B</b> &amp;" in words(content)


def test_accents_of_the_countrys_languages_print_and_what_has_no_sign_is_marked():
    assert printable("Ọlámidé Ńgọzi Ɗan Ƙasa") == "Ọlámidé Ńgọzi Ɗan Ƙasa"
    assert printable("e\N{COMBINING ACUTE ACCENT}") == "é"
    assert printable("a\x00\u202eb\ud800\N{ZERO WIDTH JOINER}c") == "abc"
    assert printable("👩 ok") == "\N{REPLACEMENT CHARACTER} ok"


def test_a_long_table_goes_over_pages_each_with_headings_and_its_number():
    content = print_paper(paper(rows=[(f"Shirt {row}", "₦1.00") for row in range(300)]))

    found = pages(content)
    assert len(found) > 5
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert "What" in page or number == len(found)
    text = words(content)
    assert [row for row in range(300) if f"Shirt {row} " not in text] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": [("x" * 5_000, "1")]},
        {"rows": [("word " * 5_000, "1")]},
        {"parties": [Party(role="Buyer", lines=["x" * 20_000])]},
        {"notes": ["word " * 5_000]},
        {"title": "x" * 300},
        {"foot": "x" * 10_000},
        {"totals": [Total(label="x" * 300, amount="9" * 300)]},
        {"rows": []},
    ],
    ids=["word", "cell", "address", "note", "title", "foot", "total", "no rows"],
)
def test_what_is_too_long_is_broken_and_never_fails(changes):
    content = print_paper(paper(**changes))

    assert 1 <= len(pages(content)) < 40


def test_a_paper_is_small_though_its_fonts_are_in_it():
    assert len(print_paper(paper())) < LARGEST_KB * 1024


def test_the_fonts_licence_lies_beside_them():
    assert sorted(file.name for file in FOLDER.iterdir()) == [
        "DejaVuSans-Bold.ttf",
        "DejaVuSans.ttf",
        "LICENSE.txt",
    ]
    assert "Bitstream" in (FOLDER / "LICENSE.txt").read_text()


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1500.00", "NGN", "₦1,500.00"),
        ("-0.50", "NGN", "−₦0.50"),
        ("1234567.80", "USD", "$1,234,567.80"),
        ("2000.00", "KES", "KES\N{NO-BREAK SPACE}2,000.00"),
    ],
)
def test_an_amount_is_written_with_the_sign_of_its_currency(amount, currency, written):
    assert write_money(Decimal(amount), currency) == written
