"""Choosing an instant of the past: a field, and the moments at which something changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from mdv.kernel import clock

NOTHING = "–"
AROUND = 15  # moments on either side of the chosen one
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # moments of the year 1 may not exist in UTC


class MomentForm(forms.Form):
    """The instant that is asked for, in UTC."""

    at = forms.DateTimeField(
        label="Moment (UTC)",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "step": "1"}),
    )

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > clock.now():
            raise forms.ValidationError("This moment has not come yet.")
        if at is not None and at < EARLIEST:
            raise forms.ValidationError("There was no shop yet.")
        return at


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One moment to go to; `is_shown` marks the one whose state is on the page."""

    at: datetime
    who: str
    what: Sequence[Any]
    is_shown: bool = False

    @property
    def when(self) -> str:
        return show_second(self.at)

    @property
    def url(self) -> str:
        return url_at(self.at)


@dataclass(frozen=True, kw_only=True)
class Instant:
    """What the address asks for: `at` None is now. `form` is the field to change it."""

    form: MomentForm
    at: datetime | None

    @property
    def said(self) -> str:
        return show_second(self.at) if self.at else "now"


def instant_of(request: HttpRequest) -> Instant:
    """Return the instant that the address asks for; what makes none is told by the form."""
    form = MomentForm(request.GET or None)
    at = form.cleaned_data["at"] if form.is_valid() else None
    if at is None:
        return Instant(form=form, at=None)
    shown = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    return Instant(form=MomentForm(initial={"at": shown}), at=at)


def around(moments: Sequence[datetime], at: datetime | None) -> tuple[int, range]:
    """Return the place of the last moment that has come by `at`, -1 for none, and which to show."""
    place = sum(at is None or moment <= at for moment in moments) - 1
    return place, range(max(0, place - AROUND), min(len(moments), place + AROUND + 1))


def beside(then: Any, today: Any) -> SafeString | str:
    """Return what was then, with what is today where that is something else."""
    if then == today:
        return str(then)
    said = [NOTHING if value == "" else value for value in (then, today)]
    return format_html('{} <span class="mdv-since">today {}</span>', *said)


def show_second(moment: datetime) -> str:
    """Return a moment to the second: ``2026-11-21 09:36:07 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def url_at(moment: datetime) -> str:
    """Return the page's own address with that moment, to the microsecond."""
    return "?" + urlencode({"at": moment.astimezone(UTC).isoformat().replace("+00:00", "Z")})
