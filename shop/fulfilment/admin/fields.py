"""What is typed about many things at once: a line for each."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from shop.fulfilment.services import Packed
from shop.fulfilment.services.pack_shipment import MAX_LINES

UNITS = re.compile(r"(?P<sku>\S+)\s+(?P<units>[0-9]{1,3})")
MAX_LENGTH = 10_000


class UnitsField(forms.CharField):
    """Articles with units, one a line: ``SHIRT-M 2``."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "One article a line: SKU, space, units.")
        super().__init__(
            label=label,
            max_length=MAX_LENGTH,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(f"At most {MAX_LINES} lines.", code="max_length")
        found = []
        for line in lines:
            match = UNITS.fullmatch(line)
            if match is None:
                message = f"“{line[:40]}” is not a SKU and a number of units."
                raise forms.ValidationError(message, code="invalid")
            found.append(Packed(sku=match["sku"], quantity=int(match["units"])))
        return found
