"""What depends on a row, so that it cannot be deleted."""

from django.db.models import PROTECT, RESTRICT, ForeignObjectRel, Model

SHOWN_OF_EACH = 10


def dependants_of(subject: Model) -> list[str]:
    """List what protects `subject` from being deleted: the first few of each kind."""
    found: list[str] = []
    for relation in subject._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete in {PROTECT, RESTRICT}:
            found += _few(relation, subject)
    return found


def _few(relation: ForeignObjectRel, subject: Model) -> list[str]:
    kind = relation.related_model
    rows = kind._default_manager.filter(**{relation.field.name: subject})  # noqa: SLF001
    few = list(rows.order_by("pk")[: SHOWN_OF_EACH + 1])
    told = [f"{kind._meta.verbose_name} {row}" for row in few[:SHOWN_OF_EACH]]
    if len(few) > SHOWN_OF_EACH:
        told.append(f"and more {kind._meta.verbose_name_plural}")
    return told
