"""Forms whose object is saved by a service."""

from typing import Any

from django import forms

STALE = (
    "Somebody changed this since you opened the page. What you typed is kept below; "
    "open the page again in another tab to see what is stored now."
)


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that remembers which version of its object was shown.

    A stale form is refused with what was typed still in it. The service checks the version again
    under its lock.
    """

    shown_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_version"].initial = self.instance.version

    def clean(self) -> Any:
        cleaned = super().clean()
        is_stale = self.cleaned_data.get("shown_version") != self.instance.version
        if self.instance.pk and is_stale:
            raise forms.ValidationError(STALE, code="stale")
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Return what the person changed, foreign keys as ids, as services take it."""
        changed = {}
        for name in self.changed_data:
            if name == "shown_version":
                continue
            value = self.cleaned_data[name]
            is_reference = self._meta.model._meta.get_field(name).is_relation
            changed[f"{name}_id" if is_reference else name] = (
                getattr(value, "pk", None) if is_reference else value
            )
        return changed
