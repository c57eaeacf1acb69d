"""The function behind every ``writes_the_trail`` trigger.

Its one argument is the JSON of ``audit.registry.trigger_for``; who is acting comes from the
setting ``mdv.context``, which ``audit.stamp`` sends along with each writing statement. A write
from elsewhere (psql, another program) has no such setting and is written down with the database
role as its actor.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION audit_capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    facts jsonb := TG_ARGV[0]::jsonb;
    context jsonb := nullif(current_setting('mdv.context', true), '')::jsonb;
    before jsonb;
    after jsonb;
    subject jsonb;
    differences jsonb;
    type_id integer;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
    subject := coalesce(after, before);

    SELECT jsonb_object_agg(
        name,
        CASE WHEN facts->'masked' ? name THEN
            jsonb_build_array(
                CASE WHEN before->>name IS NOT NULL THEN '***' END,
                CASE WHEN after->>name IS NOT NULL THEN '***' END)
        ELSE jsonb_build_array(before->>name, after->>name) END)
    INTO differences
    FROM jsonb_object_keys(subject) AS name
    WHERE before->name IS DISTINCT FROM after->name
      AND coalesce(before->>name, after->>name) IS NOT NULL
      AND NOT facts->'excluded' ? name;
    IF differences IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT id INTO type_id FROM django_content_type
    WHERE app_label = facts->>'app' AND model = facts->>'model';
    IF type_id IS NULL THEN
        INSERT INTO django_content_type (app_label, model)
        VALUES (facts->>'app', facts->>'model')
        ON CONFLICT (app_label, model) DO UPDATE SET model = excluded.model
        RETURNING id INTO type_id;
    END IF;

    INSERT INTO audit_auditentry (
        event, action, outcome, content_type_id, object_pk, object_id, object_repr, changes,
        changes_text, timestamp, actor_id, actor_kind, actor_role, actor_email, source, cid,
        remote_addr, user_agent, command, reason, order_id)
    VALUES (
        CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
        CASE TG_OP WHEN 'INSERT' THEN 0 WHEN 'UPDATE' THEN 1 ELSE 2 END,
        'ok',
        type_id,
        subject->>(facts->>'pk'),
        CASE WHEN jsonb_typeof(subject->(facts->>'pk')) = 'number'
             THEN (subject->>(facts->>'pk'))::bigint END,
        left(coalesce(subject->>(facts->>'label'), ''), 255),
        differences,
        '',
        clock_timestamp(),
        (context->>'actor_id')::bigint,
        coalesce(context->>'actor_kind', 'database'),
        left(coalesce(context->>'actor_role', ''), 128),
        left(coalesce(context->>'actor_label', session_user), 254),
        coalesce(context->>'source', 'database'),
        coalesce(context->>'request_id', ''),
        nullif(context->>'address', '')::inet,
        coalesce(context->>'user_agent', ''),
        left(coalesce(context->>'command', ''), 128),
        coalesce(context->>'reason', ''),
        (subject->>nullif(facts->>'order', ''))::bigint);
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION audit_capture()")]
