"""A form that was sent once, known again by its nonce and by what was filled in."""

import hashlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from mdv.idempotency.services import Claim, IdempotencyMismatch, check_key, claim_key
from mdv.kernel.errors import Unprocessable


class FormDiffers(Unprocessable):
    code = "form_differs"
    detail = (
        "This form was sent before with other values, and those hold. Nothing was done now. "
        "Open the page again."
    )


def claim_form(request: HttpRequest, route: str, form: forms.BaseForm) -> Claim:
    """Take the form's nonce, inside the caller's transaction.

    Raises:
        FormDiffers: 422, the nonce came with other values before.
        StillRunning: 409, the same form is being worked on.
    """
    try:
        return claim_key(
            principal=f"user:{request.user.pk}",
            route=route,
            key=check_key(request.POST.get("nonce", "")),
            body=[request.path, _filled_in(form)],
        )
    except IdempotencyMismatch:
        raise FormDiffers from None


def _filled_in(form: forms.BaseForm) -> dict[str, Any]:
    """Return what was typed into `form`, as text, but no password: what comes of this is stored."""
    return {
        name: _as_text(form[name].data)
        for name, field in form.fields.items()
        if not isinstance(field.widget, forms.PasswordInput)
    }


def _as_text(value: Any) -> Any:
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256(b"".join(value.chunks())).hexdigest()
        value.seek(0)
        return digest
    return [str(one) for one in value] if isinstance(value, list) else str(value)
