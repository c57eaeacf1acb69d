"""Forms whose object is saved by a service."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from django import forms
from django.db.models import Model

from mdv.admin.refusals import tell
from mdv.http.problems import Problem
from mdv.kernel import clock
from mdv.kernel.errors import PreconditionFailed

INCOMPLETE = "The form did not arrive as a whole. Open the page again."


class StaleForm(PreconditionFailed):
    """What was shown is no longer what is stored. `row` is what it is about, `since` when."""

    code = "stale"
    detail = "Someone else changed this since you read it. Nothing was saved."

    def __init__(self, row: Model, since: datetime) -> None:
        self.row, self.since = row, since
        super().__init__()


def nothing(exclude: Any = None) -> None:
    """Check no constraint."""


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that leaves it to a service what may be saved.

    ``refusal`` is what the service said to this very form: it is shown with what was typed.
    """

    refusal: Problem | None = None
    # What the service makes up for a new object when it is left empty.
    made_up: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.made_up:
            if self.instance.pk is None and name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = "Left empty, one is made up."

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.refusal is not None:
            tell(self, self.refusal, self._meta.model)

    def _post_clean(self) -> None:
        """Check the fields alone: constraints are the service's, whose sentences are better."""
        self.instance.validate_constraints = nothing
        super()._post_clean()  # type: ignore[misc]
        del self.instance.validate_constraints

    def changes(self) -> dict[str, Any]:
        """Return what the person changed, foreign keys as ids, as services take it."""
        changed = {}
        for name in self.changed_data:
            if name == "shown":
                continue
            value = self.cleaned_data[name]
            is_reference = self._meta.model._meta.get_field(name).is_relation
            changed[f"{name}_id" if is_reference else name] = (
                getattr(value, "pk", None) if is_reference else value
            )
        return changed


class VersionedForm(ServiceForm):
    """A form that remembers which version of its object was shown, for the service to compare."""

    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = self.instance.version

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.cleaned_data.get("shown") is None:
            raise forms.ValidationError(INCOMPLETE, code="incomplete")
        return cleaned


class ComparedForm(ServiceForm):
    """A form for an object without versions: it remembers a digest of what was shown, and when."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = f"{self._digest(self.instance)} {clock.now().isoformat()}"

    def clean(self) -> Any:
        """Lock the row until it is saved, and compare it with what was shown.

        Raises:
            StaleForm: 412, it is another. The pages say who changed what since.
        """
        cleaned = super().clean()
        if self.refusal is not None:  # asked before: this is the form as it is shown again
            return cleaned
        digest, _, moment = str(self.cleaned_data.get("shown")).partition(" ")
        try:
            since = datetime.fromisoformat(moment)
        except ValueError:
            raise forms.ValidationError(INCOMPLETE, code="incomplete") from None
        if since.tzinfo is None:
            raise forms.ValidationError(INCOMPLETE, code="incomplete")
        model = self._meta.model
        rows = model._default_manager.select_for_update(no_key=True)  # noqa: SLF001
        present = rows.get(pk=self.instance.pk)
        if digest != self._digest(present):
            raise StaleForm(present, since)
        return cleaned

    def _digest(self, row: Model) -> str:
        values = forms.model_to_dict(row, fields=[name for name in self.fields if name != "shown"])
        return hashlib.sha256(orjson.dumps(values, default=str)).hexdigest()
