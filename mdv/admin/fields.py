"""Form fields of the back office."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.postgres.forms import SimpleArrayField
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from mdv.kernel.money import CENT, MAX_DIGITS, PLACES

TEXT_ROWS = 4  # of a text box: the buttons below it stay on a phone's screen


def money_field(label: str, **kwargs: Any) -> forms.DecimalField:
    """Return a field for an amount above 0, in the shop's currency."""
    return forms.DecimalField(
        min_value=CENT,
        label=f"{label} ({settings.STORE_CURRENCY})",
        max_digits=MAX_DIGITS,
        decimal_places=PLACES,
        widget=UnfoldAdminDecimalFieldWidget(),
        **kwargs,
    )


def integer_field(label: str, **kwargs: Any) -> forms.IntegerField:
    """Return a field for a whole number."""
    return forms.IntegerField(label=label, widget=UnfoldAdminIntegerFieldWidget(), **kwargs)


def line_field(label: str, *, max_length: int, **kwargs: Any) -> forms.CharField:
    """Return a field for one line of text."""
    return forms.CharField(
        label=label, max_length=max_length, widget=UnfoldAdminTextInputWidget(), **kwargs
    )


def text_field(label: str, *, max_length: int, **kwargs: Any) -> forms.CharField:
    """Return a field for text of several lines."""
    return forms.CharField(
        label=label,
        max_length=max_length,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": TEXT_ROWS}),
        **kwargs,
    )


class LinesField(SimpleArrayField):
    """Several short texts, one per line. Blank lines do not count."""

    def to_python(self, value: Any) -> Any:
        values = super().to_python(value)
        return [text for text in values if text]


def lines_field(label: str, **kwargs: Any) -> LinesField:
    """Return a field for several short texts, one per line: a comma may be part of each."""
    kwargs.setdefault("help_text", "One per line.")
    return LinesField(
        forms.CharField(required=False),
        delimiter="\n",
        label=label,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        **kwargs,
    )


def choice_field(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """Return a field for one of several."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=UnfoldAdminSelectWidget(choices=choices), **kwargs
    )


def radio_field(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """Return a field for one of a few that all stand on the page, with none chosen beforehand."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=UnfoldAdminRadioSelectWidget(choices=choices), **kwargs
    )


def tick_field(label: str, **kwargs: Any) -> forms.BooleanField:
    """Return a field for a yes that need not be given."""
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanWidget(), **kwargs)


def file_field(label: str, **kwargs: Any) -> forms.FileField:
    """Return a field for a file; what is in it, the service finds out."""
    return forms.FileField(label=label, widget=UnfoldAdminFileFieldWidget(), **kwargs)


def image_field(label: str, **kwargs: Any) -> forms.FileField:
    """Return a field for a picture; what it really is, the service finds out."""
    return forms.FileField(label=label, widget=UnfoldAdminFileFieldWidget(), **kwargs)
