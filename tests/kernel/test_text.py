"""What cannot be seen is refused, and what languages need is not."""

import pytest
from rest_framework.serializers import ValidationError

from mdv.http.serializers import LineField, TextField
from mdv.kernel.text import INVISIBLE, printed

UNSEEN = [0x200B, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069, 0xFEFF, 0xAD, 0x2060, 0x3164]


@pytest.mark.parametrize("code", [*UNSEEN, 0x200C, 0x200D, 0xE0041])
def test_one_line_of_text_has_no_invisible_characters(code):
    with pytest.raises(ValidationError) as refusal:
        LineField(max_length=20).run_validation(f"Ref{chr(code)}-A")

    assert [problem.code for problem in refusal.value.detail] == ["invisible_characters"]


@pytest.mark.parametrize(
    "name",
    [
        "Ad\u00e9b\u00e1y\u1ecd\u0300 O\u2019Neill",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "\u0d28\u0d4d\u200d\u0d31",  # Malayalam, with a joiner
        "\U0001f469\u200d\U0001f467",  # one emoji of two
        "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
    ],
)
def test_what_names_need_is_allowed(name):
    assert LineField(max_length=40).run_validation(name) == name


def test_text_of_several_lines_may_mark_its_direction_and_not_turn_it():
    assert TextField().run_validation("\u200fa\nb") == "\u200fa\nb"
    with pytest.raises(ValidationError):
        TextField().run_validation("paid \u202e00.1")


@pytest.mark.parametrize("code", UNSEEN)
def test_every_one_of_them_is_known(code):
    assert INVISIBLE.search(chr(code))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Ref-A ", "Ref-A"),
        ("\uff32\uff45\uff46-\uff21", "Ref-A"),
        ("Ref\u00a0 A", "Ref A"),
        ("Ref\u200b-A", None),
        ("Ref\ufe0f-A", None),
        ("Ref\n-A", None),
        ("   ", ""),
    ],
)
def test_a_reference_is_read_as_from_paper(typed, read):
    assert printed(typed) == read
