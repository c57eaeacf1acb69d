"""What somebody would write into the trail by hand."""

AN_ENTRY_ABOUT_A_ROW = """
    INSERT INTO audit_auditentry (event, action, outcome, object_pk, object_repr, changes_text,
        timestamp, actor_kind, actor_role, source, cid, user_agent, command, reason)
    VALUES ('changed', 1, 'ok', '1', '', '', now(), 'user', '', 'api', '', '', '', '')
"""
