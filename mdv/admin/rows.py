"""What depends on a row, so that it cannot be deleted."""

from django.db.models import PROTECT, RESTRICT, Model
from django.db.models.deletion import get_candidate_relations_to_delete

SHOWN_OF_EACH = 10


def dependants_of(subject: Model) -> list[str]:
    """List what protects `subject` from being deleted: the first few of each kind."""
    found: list[str] = []
    for relation in get_candidate_relations_to_delete(subject._meta):
        if relation.on_delete not in {PROTECT, RESTRICT}:
            continue
        kind = relation.related_model
        rows = kind._default_manager.filter(**{relation.field.name: subject})  # noqa: SLF001
        few = list(rows.order_by("pk")[: SHOWN_OF_EACH + 1])
        found += [f"{kind._meta.verbose_name} {row}" for row in few[:SHOWN_OF_EACH]]
        if len(few) > SHOWN_OF_EACH:
            found.append(f"… and more {kind._meta.verbose_name_plural}")
    return found
