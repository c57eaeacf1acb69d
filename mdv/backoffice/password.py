"""Changing one's own password in the back office, with the API's rules, limits and records."""

from typing import Any, cast

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
from mdv.admin.refusals import REFUSALS, refusal_of, tell, with_headers
from mdv.http.problems import Problem

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
    user = cast("User", request.user)
    form = PasswordForm(request.POST or None)
    refusal = None
    if form.is_valid():
        refusal = _change(user, form)
        if refusal is None:
            update_session_auth_hash(request, User.objects.get(pk=user.pk))
            messages.success(request, DONE)
            return HttpResponseRedirect(reverse("admin:index"))
    context = {
        **context,
        "title": "Change password",
        "form": form,
        "preview": WHY if user.must_change_password else "",
        "action": {"label": "Change password"},
        "back_url": "" if user.must_change_password else reverse("admin:index"),
    }
    status = refusal.status if refusal else 400 if form.is_bound else 200
    page = TemplateResponse(request, "mdv/admin/action.html", context, status=status)
    return with_headers(page, refusal) if refusal else page


def _change(user: User, form: PasswordForm) -> Problem | None:
    """Change the password, or return the refusal, which the form now tells."""
    filled = form.cleaned_data
    try:
        services.change_password(user=user, current=filled["current"], new=filled["new"])
    except REFUSALS as exc:
        refusal = refusal_of(exc)
        tell(form, refusal)
        return refusal
    return None
