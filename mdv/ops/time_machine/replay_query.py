"""The trail's replay beside the rows, as SQL: one table, some of its rows at a time.

Texts are compared as the trail has them; moments as moments, for their text depends on the session
that wrote them. Of masked columns it is compared whether there is anything.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from audit.models import AuditEntry
from audit.registry import tracked_as
from audit.words import MASKED

ROW = "row"  # in place of a column, where all of the row is meant
NOTHING = "nothing"

DIFFERENCES = """
    WITH written AS MATERIALIZED (
        SELECT e.object_pk AS key, e.id AS entry, e.action, c.name,
               CASE WHEN c.name = ANY(%(moments)s) THEN (c.pair->>0)::timestamptz::text
                    ELSE c.pair->>0 END AS before,
               CASE WHEN c.name = ANY(%(moments)s) THEN (c.pair->>1)::timestamptz::text
                    ELSE c.pair->>1 END AS after
        FROM audit_auditentry e, LATERAL jsonb_each(e.changes) AS c (name, pair)
        WHERE e.content_type_id = %(type)s AND e.object_pk = ANY(%(texts)s)
          AND e.action = ANY(%(actions)s)
    ),
    lives AS (
        SELECT key, (array_agg(action ORDER BY entry))[1] AS first,
               (array_agg(action ORDER BY entry DESC))[1] AS last
        FROM written GROUP BY key
    ),
    present AS MATERIALIZED (
        SELECT t.id::text AS key, c.name,
               CASE WHEN c.name = ANY(%(masked)s) AND c.value IS NOT NULL THEN %(mask)s
                    WHEN c.name = ANY(%(moments)s) THEN c.value::timestamptz::text
                    ELSE c.value END AS value
        FROM {table} t, LATERAL jsonb_each_text(to_jsonb(t)) AS c (name, value)
        WHERE t.id = ANY(%(keys)s) AND NOT c.name = ANY(%(excluded)s)
    ),
    sound AS (
        SELECT key FROM lives WHERE first = %(create)s AND last <> %(delete)s
    ),
    replayed AS (
        SELECT DISTINCT ON (key, name) key, name, after AS value
        FROM written WHERE name IN (SELECT name FROM present)
        ORDER BY key, name, entry DESC
    ),
    links AS (
        SELECT key, entry, name, before,
               lag(after) OVER (PARTITION BY key, name ORDER BY entry) AS known
        FROM written
    )
    SELECT keys.key, %(row)s, %(nothing)s,
           CASE WHEN lives.key IS NULL THEN 'there' ELSE 'there, its creation is missing' END
    FROM (SELECT DISTINCT key FROM present) keys LEFT JOIN lives USING (key)
    WHERE lives.key IS NULL OR lives.first <> %(create)s
    UNION ALL
    SELECT lives.key, %(row)s, 'deleted', 'there'
    FROM lives WHERE last = %(delete)s AND first = %(create)s
    UNION ALL
    SELECT key, name, replayed.value, present.value
    FROM (SELECT present.* FROM present JOIN sound USING (key)) present
    FULL JOIN (SELECT replayed.* FROM replayed JOIN sound USING (key)) replayed USING (key, name)
    WHERE replayed.value IS DISTINCT FROM present.value
    UNION ALL
    SELECT key, name, known, format('%%s before entry %%s', coalesce(before, 'empty'), entry)
    FROM links JOIN sound USING (key) WHERE before IS DISTINCT FROM known
    ORDER BY 1, 2, 4
"""

# Rows that the trail made and never deleted, and that are not there.
LOST = """
    SELECT told.object_pk, told.object_repr
    FROM (
        SELECT DISTINCT ON (object_pk) object_pk, object_repr, action FROM audit_auditentry
        WHERE content_type_id = %(type)s AND action = ANY(%(actions)s)
        ORDER BY object_pk, id DESC
    ) told
    LEFT JOIN {table} t ON t.id::text = told.object_pk
    WHERE told.action <> %(delete)s AND t.id IS NULL
"""
LOST_OF_THESE = f"{LOST} AND told.object_pk = ANY(%(texts)s)"


def parameters_of(model: type[models.Model]) -> dict[str, Any]:
    """Return what the queries need to know of a model."""
    tracked = tracked_as(model)
    action = AuditEntry.Action
    return {
        "type": ContentType.objects.get_for_model(model).pk,
        "moments": [
            field.column
            for field in model._meta.concrete_fields
            if isinstance(field, models.DateTimeField)
        ],
        "masked": list(tracked.masked),
        "excluded": list(tracked.excluded),
        "mask": MASKED,
        "create": action.CREATE,
        "delete": action.DELETE,
        "actions": [action.CREATE, action.UPDATE, action.DELETE],
        "row": ROW,
        "nothing": NOTHING,
    }
