"""The forms of the buttons: a number for each line of the return, large enough for a thumb."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from mdv.admin.fields import choice_field, integer_field, line_field, text_field
from mdv.admin.show import show_choice
from refunds.models import MAX_NOTE_LENGTH
from refunds.services import MAX_LINES, Received, Wanted
from refunds.states import Condition, ReturnReason
from shop.carts.models import MAX_QUANTITY
from shop.fulfilment.admin.fields import MAX_LENGTH, UnitsField

MAX_NUMBER_LENGTH = 16
REASONS = [(reason.value, show_choice(reason)) for reason in ReturnReason]
# What becomes of a unit, by the name of its field.
OUTCOMES = {
    "new_shelf": ("as new, on the shelf", Condition.AS_NEW, True),
    "new_aside": ("as new, not on the shelf", Condition.AS_NEW, False),
    "used_shelf": ("used, on the shelf", Condition.USED, True),
    "used_aside": ("used, not on the shelf", Condition.USED, False),
    "damaged": ("damaged", Condition.DAMAGED, False),
}


class AskForm(forms.Form):
    number = line_field("Order", max_length=MAX_NUMBER_LENGTH)
    lines = UnitsField("What comes back")
    reason = choice_field("Why", REASONS)
    note = text_field("Note", max_length=MAX_NOTE_LENGTH, required=False)


class PerLineForm(forms.Form):
    """A form with fields for each article of a return, whose SKUs it carries along."""

    columns: ClassVar[Mapping[str, str]]
    titles: ClassVar[Mapping[str, str]] = {}  # by SKU
    words: ClassVar[frozenset[str]] = frozenset()  # fields that come after the numbers
    skus = forms.CharField(max_length=MAX_LENGTH, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, files, initial=initial)
        told = (initial or {}) if data is None else data
        self.articles = _read_skus(told.get("skus", ""))
        for place, sku in enumerate(self.articles):
            article = f"{sku} {self.titles.get(sku, '')}".strip()
            for name, label in self.columns.items():
                self.fields[f"{name}_{place}"] = integer_field(
                    f"{article}: {label}", min_value=0, max_value=MAX_QUANTITY, required=False
                )

        self.order_fields([name for name in self.fields if name not in self.words])

    def units(self, name: str, place: int) -> int:
        """Return what was filled in for an article, 0 for nothing."""
        return self.cleaned_data.get(f"{name}_{place}") or 0


class ApproveForm(PerLineForm):
    columns: ClassVar[Mapping[str, str]] = {"units": "units to take back"}
    words: ClassVar[frozenset[str]] = frozenset({"answer"})
    answer = text_field(
        "To the customer",
        max_length=MAX_NOTE_LENGTH,
        required=False,
        help_text="In the mail, above where to send it.",
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.cleaned_data["lines"] = [
            Wanted(sku=sku, quantity=self.units("units", place))
            for place, sku in enumerate(self.articles)
        ]
        return self.cleaned_data


class RejectForm(forms.Form):
    answer = text_field("Why", max_length=MAX_NOTE_LENGTH, help_text="The customer is told.")


class ReceiveForm(PerLineForm):
    columns: ClassVar[Mapping[str, str]] = {name: one[0] for name, one in OUTCOMES.items()}
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.cleaned_data["received"] = [
            Received(sku=sku, quantity=units, condition=condition, restock=restock)
            for place, sku in enumerate(self.articles)
            for name, (_, condition, restock) in OUTCOMES.items()
            if (units := self.units(name, place))
        ]
        return self.cleaned_data


def write_skus(skus: list[str]) -> str:
    """Return the articles as a form carries them."""
    return json.dumps(skus)


def _read_skus(text: str) -> list[str]:
    try:
        skus = json.loads(text[:MAX_LENGTH])
    except ValueError:
        return []
    is_list = isinstance(skus, list) and all(isinstance(sku, str) for sku in skus)
    return list(dict.fromkeys(skus))[:MAX_LINES] if is_list else []
