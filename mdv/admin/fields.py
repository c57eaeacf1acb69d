"""Form fields of the back office."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from mdv.kernel.money import MAX_DIGITS, PLACES


def money_field(label: str, **kwargs: Any) -> forms.DecimalField:
    """Return a field for an amount above 0, in the shop's currency."""
    return forms.DecimalField(
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
        label=label, max_length=max_length, widget=UnfoldAdminTextareaWidget(), **kwargs
    )


def choice_field(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """Return a field for one of several."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=UnfoldAdminSelectWidget(choices=choices), **kwargs
    )


def image_field(label: str, **kwargs: Any) -> forms.FileField:
    """Return a field for a picture; what it really is, the service finds out."""
    return forms.FileField(label=label, widget=UnfoldAdminFileFieldWidget(), **kwargs)
