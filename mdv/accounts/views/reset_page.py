"""Asking for a link and the page that it leads to, for shops without pages of their own."""

from http import HTTPStatus

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from mdv.accounts import services
from mdv.accounts.passwords import MAX_LENGTH
from mdv.http.address import bucket
from mdv.kernel import context
from mdv.limits import services as limits

MAX_EMAIL_LENGTH = 254


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


@require_http_methods(["GET", "POST"])
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Have a link mailed. Answered alike for known and unknown addresses."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST":
        limits.enforce("password_reset", f"address:{bucket(context.current().address)}")
    if form.is_valid():
        services.request_password_reset(email=form.cleaned_data["email"])
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    shown = {
        "store": settings.STORE_NAME,
        "form": form,
        "is_done": form.is_valid(),
        "requested": services.LINK_REQUESTED,
    }
    return render(request, "mdv/forgotten_password.html", shown, status=status)


@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Ask for a new password and set it by the link's secret."""
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST":
        limits.enforce("api_write", f"address:{bucket(context.current().address)}")
    if form.is_valid() and _is_set(form, uid, token):
        return _page(request, is_done=True)
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return _page(request, form=form, status=status)


def _is_set(form: NewPasswordForm, uid: str, token: str) -> bool:
    try:
        services.reset_password(uid=uid, token=token, password=form.cleaned_data["password"])
    except services.BadPassword as refusal:
        for problem in refusal.problems:
            form.add_error("password", problem.message)
    except services.InvalidResetLink as refusal:
        form.add_error(None, refusal.message)
    return not form.errors


def _page(
    request: HttpRequest,
    *,
    form: NewPasswordForm | None = None,
    is_done: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    shown = {"store": settings.STORE_NAME, "form": form, "is_done": is_done}
    return render(request, "mdv/password_reset.html", shown, status=status)
