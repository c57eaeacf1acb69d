"""Writing a mail from the templates of the app that owns its kind, with a header that is safe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template import Context, Engine
from django.template.loader import render_to_string

from mdv.kernel.errors import Invalid

MAX_SUBJECT_LENGTH = 200


class UnsafeMail(Invalid):
    code = "unsafe_mail"
    detail = "This cannot stand in the header of a mail."


@dataclass(frozen=True, kw_only=True)
class Content:
    subject: str
    text: str
    html: str


def write(kind: str, context: Mapping[str, Any]) -> Content:
    """Fill ``mail/<kind>.subject.txt``, ``.txt`` and ``.html``.

    Raises:
        UnsafeMail: the subject is not one line of printable text.
    """
    return Content(
        subject=write_subject(kind, context),
        text=_plain(f"mail/{kind}.txt", context),
        html=render_to_string(f"mail/{kind}.html", {**_store(), **context}),
    )


def write_subject(kind: str, context: Mapping[str, Any]) -> str:
    """Fill ``mail/<kind>.subject.txt`` alone.

    Raises:
        UnsafeMail: the subject is not one line of printable text.
    """
    subject = _plain(f"mail/{kind}.subject.txt", context).strip()
    if not subject.isprintable() or not 0 < len(subject) <= MAX_SUBJECT_LENGTH:
        raise UnsafeMail
    return subject


def check_recipient(to: str) -> None:
    """Refuse what is not exactly one address.

    Raises:
        UnsafeMail: several addresses, a line break, or no address at all.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise UnsafeMail from None


def _plain(template: str, context: Mapping[str, Any]) -> str:
    """Fill a template of plain text, in which O'Brien stays O'Brien."""
    known = Context({**_store(), **context}, autoescape=False)
    return str(Engine.get_default().get_template(template).render(known))


def _store() -> dict[str, str]:
    return {"store_name": settings.STORE_NAME, "store_url": settings.STORE_URL}
