"""Changing one's own password in the back office, with the API's rules, limits and records."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminPasswordWidget

from mdv.accounts import services
from mdv.accounts.models import User
from mdv.accounts.passwords import MAX_LENGTH, STAFF_MIN_LENGTH
from mdv.admin.refusals import REFUSALS, refusal_of, tell

DONE = "Your password is changed. You are logged out everywhere else."
WHY = "Before you go on, choose a password of your own."


def password_field(label: str, **kwargs: Any) -> forms.CharField:
    """Return a field for a password, which is never changed on the way."""
    widget = UnfoldAdminPasswordWidget()
    return forms.CharField(label=label, strip=False, max_length=MAX_LENGTH, widget=widget, **kwargs)


class PasswordForm(forms.Form):
    current = password_field("Your password now")
    new = password_field("New password", help_text=f"At least {STAFF_MIN_LENGTH} characters.")
    again = password_field("The new one again")

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError("This is not the same password.")
        return again


def change_own_password(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form, or change the password and stay logged in here alone."""
    form = PasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _change(request, form) if form.is_valid() else 400
        if status == 200:
            messages.success(request, DONE)
            return HttpResponseRedirect(reverse("admin:index"))
    context = {
        **context,
        "title": "Change password",
        "form": form,
        "preview": WHY if request.user.must_change_password else "",
        "action": {"label": "Change password"},
        "back_url": "" if request.user.must_change_password else reverse("admin:index"),
    }
    return TemplateResponse(request, "mdv/admin/action.html", context, status=status)


def _change(request: HttpRequest, form: PasswordForm) -> int:
    """Return 200, or the status of the refusal that the form now tells."""
    filled = form.cleaned_data
    try:
        services.change_password(
            user=request.user, current=filled["current"], new=filled["new"]
        )
    except REFUSALS as exc:
        problem = refusal_of(exc)
        tell(form, problem)
        return problem.status
    update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
    return 200
