"""The forms of the buttons on a refund's page."""

from typing import Any

from django import forms

from mdv.accounts.forms import OwnPasswordForm
from mdv.admin.fields import line_field, text_field, tick_field
from refunds.models import MAX_REFERENCE_LENGTH, MAX_REFUND_NOTE_LENGTH, Refund


class VersionForm(forms.Form):
    """A form that says which version of the refund was looked at."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ApproveForm(OwnPasswordForm, VersionForm):
    answer = text_field("Remark", max_length=MAX_REFUND_NOTE_LENGTH, required=False)
    field_order = ("answer", "password", "version")


class RejectForm(forms.Form):
    answer = text_field(
        "Why not", max_length=MAX_REFUND_NOTE_LENGTH, help_text="For who asked, not the customer."
    )


class RetryForm(VersionForm):
    by_hand = tick_field(
        "By hand this time",
        help_text="A colleague pays it at the bank, and records the bank's reference here.",
    )


class BankReferenceForm(forms.Form):
    bank_reference = line_field(
        "The bank's reference",
        max_length=MAX_REFERENCE_LENGTH,
        help_text="Only once the money has left the bank. It can be booked once only.",
    )


def suggest_version(refund: Refund) -> dict[str, Any]:
    """Fill in the version that is looked at."""
    return {"version": refund.version}
