"""What every change to the catalogue goes through: clean text, valid fields, one lock."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

import nh3
from django.core.exceptions import ValidationError
from django.db.models import Model

from mdv.kernel.errors import FieldProblem, Invalid, NotFound

ALLOWED_TAGS = {
    "a", "b", "br", "em", "h2", "h3", "h4", "i", "li", "ol", "p", "strong", "ul",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {"a": {"href"}}
ALLOWED_SCHEMES = {"http", "https", "mailto"}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Row = TypeVar("Row", bound=Model)


def line(field: str, text: str) -> str:
    """Return `text` as one line, its spaces tidied.

    Raises:
        Invalid: it has control characters.
    """
    return " ".join(_printable(field, text).split())


def lines(field: str, texts: Iterable[str]) -> list[str]:
    """Return each of `texts` as one line, without empty ones and repetitions, in their order."""
    return list(dict.fromkeys(tidy for text in texts if (tidy := line(field, text))))


def rich_text(field: str, html: str) -> str:
    """Return `html` with nothing left in it but simple formatting and links."""
    return nh3.clean(
        _printable(field, html).strip(),
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
    )


def lock(model: type[Row], pk: int) -> Row:
    """Lock one row against other changes; orders may go on referring to it.

    Raises:
        NotFound: there is no such row.
    """
    rows = model._default_manager.select_for_update(no_key=True)  # noqa: SLF001
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def check_fields(row: Model, *, only: Iterable[str] | None = None) -> None:
    """Hold `row` to what its model says of its fields, or of `only` some of them.

    Raises:
        Invalid: naming each field that is wrong.
    """
    fields = row._meta.concrete_fields
    asked = {row._meta.get_field(name) for name in only} if only is not None else set(fields)
    try:
        row.clean_fields(exclude={field.name for field in fields if field not in asked})
    except ValidationError as wrong:
        problems = [
            FieldProblem(field, error.code or "invalid", " ".join(error.messages))
            for field, errors in wrong.error_dict.items()
            for error in errors
        ]
        raise Invalid("Some fields are not valid.", problems=problems) from None


def set_changes(row: Model, changes: Mapping[str, object]) -> list[str]:
    """Put those of `changes` that differ on `row`, unsaved, and return their names.

    Raises:
        Invalid: naming each field that is wrong.
    """
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    check_fields(row, only=changed)
    return changed


def save_changes(row: Model, changed: list[str]) -> None:
    """Save what :func:`set_changes` changed as one new version; nothing changed means none."""
    if not changed:
        return
    row.version += 1  # type: ignore[attr-defined]
    stamps = {field.name for field in row._meta.concrete_fields} & {"updated_at"}
    row.save(update_fields=[*changed, "version", *stamps])
    row.refresh_from_db()


def refuse(field: str, code: str, message: str) -> Invalid:
    """Return the refusal of one field."""
    return Invalid("Some fields are not valid.", problems=[FieldProblem(field, code, message)])


def _printable(field: str, text: str) -> str:
    if CONTROLS.search(text):
        raise refuse(field, "control_characters", "Control characters are not allowed.")
    return unicodedata.normalize("NFC", text)
