"""How a refusal is told to the person whose form caused it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import DatabaseError
from django.db.models import F, Model, UniqueConstraint
from django.http import HttpResponse

from mdv.admin.show import show_moment
from mdv.http.problems import Problem, problem_for
from mdv.kernel.errors import Conflict, DomainError

# What a service or COMMIT may raise instead of doing what was asked.
REFUSALS = (DomainError, DatabaseError)


def refusal_of(exc: Exception) -> Problem:
    """Return how `exc` is told; raise it again if it is a fault of ours."""
    problem = problem_for(exc)
    if problem is None:
        raise exc
    return problem


def tell(form: forms.BaseForm, problem: Problem, model: type[Model] | None = None) -> None:
    """Put `problem` on `form`: at its fields where it names them, otherwise above them."""
    for error in problem.errors:
        _add(form, error.field.removesuffix("_id"), error.message)
    if problem.errors:
        return
    unique = _unique_fields(model, problem.code)
    if model and unique:
        _add(form, unique[-1], _taken(form, model, unique[-1]))
    else:
        form.add_error(None, sentence(problem))


def sentence(problem: Problem) -> str:
    """Return the whole of `problem` as text for people."""
    parts = [problem.detail]
    parts += [f"{error.field}: {error.message}" for error in problem.errors]
    parts += [_change(change) for change in problem.members.get("changes", ())]
    if problem.detail == Conflict.detail and problem.code != Conflict.code:
        # A constraint or trigger, which has a sentence for its name.
        parts.append(f"The rule is: {problem.code.replace('_', ' ')}.")
    return " ".join(parts)


def with_headers(page: HttpResponse, problem: Problem) -> HttpResponse:
    """Add to `page` what the refusal tells clients, such as Retry-After."""
    for name, value in problem.headers.items():
        page[name] = value
    return page


def _add(form: forms.BaseForm, field: str, message: str) -> None:
    if field in form.fields:
        form.add_error(field, message)
    else:
        form.add_error(None, f"{field.replace('_', ' ')}: {message}".removeprefix(": "))


def _taken(form: forms.BaseForm, model: type[Model], field: str) -> str:
    label = str(form.fields[field].label or "") if field in form.fields else field
    name = label if label.isupper() else label.lower()
    return f"Another {model._meta.verbose_name} has this {name}."


def _change(change: Mapping[str, Any]) -> str:
    fields = ", ".join(field.replace("_", " ") for field in change["fields"])
    return f"{show_moment(change['at'])} {change['by']} changed {fields}."


def _unique_fields(model: type[Model] | None, name: str) -> tuple[str, ...]:
    """Return what the unique constraint `name` is about, if it is one and always holds."""
    for constraint in model._meta.constraints if model else ():
        if (
            isinstance(constraint, UniqueConstraint)
            and constraint.name == name
            and not constraint.condition
        ):
            expressions = [part for part in constraint.expressions if isinstance(part, F)]
            named = tuple(part.name for part in expressions)  # type: ignore[attr-defined]
            return tuple(constraint.fields) or named
    return ()
